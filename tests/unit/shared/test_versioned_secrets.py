import pytest

from shared.runtime.versioned_secrets import VersionedSecrets

OLD, NEW = "o" * 32, "n" * 32


def test_last_line_is_the_version_of_new_hashes() -> None:
    peppers = VersionedSecrets.parse(f"1:{OLD}\n2:{NEW}\n")

    assert (peppers.current, peppers["1"], peppers["2"]) == ("2", OLD.encode(), NEW.encode())


def test_secret_may_contain_colons() -> None:
    assert VersionedSecrets.parse(f"1:{OLD}:more")["1"] == f"{OLD}:more".encode()


@pytest.mark.parametrize("text", [OLD, f":{OLD}", "1:", f"1:{'s' * 31}", f"1:{OLD}\nnonsense", f"1:{OLD}\n1:{NEW}"])
def test_malformed_line_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match="VERSION:SECRET") as refusal:
        VersionedSecrets.parse(text)

    assert not any(line in str(refusal.value) for line in text.split())


def test_secrets_show_in_no_repr() -> None:
    assert OLD not in repr(VersionedSecrets.parse(f"1:{OLD}"))
