import pytest

from emulator.proxies import past_proxies

HERE = "127.0.0.1,localhost,::1"


@pytest.mark.parametrize(
    ("environ", "added"),
    [
        ({}, {"no_proxy": HERE, "no_grpc_proxy": HERE}),
        ({"NO_PROXY": ".corp"}, {"no_proxy": f".corp,{HERE}", "no_grpc_proxy": f".corp,{HERE}"}),
        ({"no_proxy": "a", "NO_PROXY": "b"}, {"no_proxy": f"a,{HERE}", "no_grpc_proxy": f"a,{HERE}"}),
        ({"no_proxy": "a", "no_grpc_proxy": "g"}, {"no_proxy": f"a,{HERE}", "no_grpc_proxy": f"g,{HERE}"}),
        ({"NO_PROXY": "*"}, {"no_grpc_proxy": f"*,{HERE}"}),
    ],
)
def test_this_machine_is_reached_directly_and_what_the_user_has_exempted_as_well(
    environ: dict[str, str], added: dict[str, str]
) -> None:
    assert past_proxies(environ) == added
