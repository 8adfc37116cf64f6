"""Keeps this machine's own traffic from the company's proxy."""

from collections.abc import Mapping

_THIS_MACHINE = "127.0.0.1,localhost,::1"


def past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """
    The variables to add to `environ`, so that programs reach this machine directly and all else as they did before.

    gRPC obeys `http_proxy` even for 127.0.0.1, and knows no `NO_PROXY` in capitals and no `*`; Python's HTTP clients
    prefer the name in small letters.
    """
    direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    exempted = {"no_grpc_proxy": environ.get("no_grpc_proxy") or direct}
    if direct != "*":
        exempted["no_proxy"] = direct
    return {name: ",".join(filter(None, [hosts, _THIS_MACHINE])) for name, hosts in exempted.items()}
