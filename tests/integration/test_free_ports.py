from testkit.free_ports import free_base_port, free_port


def test_port_is_not_given_again_before_others_are() -> None:
    """Who was given it may not have bound it yet: a function at another's port took its requests."""
    ports = [free_port() for _ in range(200)]
    bases = [free_base_port() for _ in range(20)]

    assert (len(set(ports)), len(set(bases))) == (200, 20)
