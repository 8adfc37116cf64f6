"""The local stack is its user's alone: no other machine reaches it, and no page of another site reads its mails."""

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import httpx
import pytest

from tests.integration.emulator.processes import processes
from tests.stack import LocalStack

_LISTENING = "0A"


def test_everything_listens_on_this_machine_only(stack: LocalStack) -> None:
    listening = dict(listening_sockets(descendants(stack.process.pid)))

    expected = {stack.ports.base + offset for offset in (0, 1, 2, 5, 6, 7, 8)}
    assert expected <= set(listening)
    assert {port: address for port, address in listening.items() if not address.is_loopback} == {}


@pytest.mark.parametrize("path", ["api/status", "api/v1/messages", "api/v1/search?query=to:ewan"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_page_of_another_site_may_read_nothing(stack: LocalStack, path: str, method: str) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"}

    response = httpx.request(method, f"{stack.ui_url}{path}", headers=headers, trust_env=False)

    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["api/status", "api/v1/messages"])
def test_name_that_another_site_has_bent_to_this_machine_is_refused(stack: LocalStack, path: str) -> None:
    response = httpx.get(f"{stack.ui_url}{path}", headers={"Host": "evil.example"}, trust_env=False)

    assert response.is_client_error


def descendants(pid: int) -> Iterator[int]:
    """The process and all that it has started."""
    parents = {process.pid: process.parent for process in processes().values()}
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
        yield member


def listening_sockets(pids: Iterator[int]) -> Iterator[tuple[int, IPv4Address | IPv6Address]]:
    """The ports that the processes listen on, and at which address."""
    sockets = {link for pid in pids for link in links(Path(f"/proc/{pid}/fd"))}
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = row.split()[:10]
            if state == _LISTENING and f"socket:[{inode}]" in sockets:
                address, _, port = local.partition(":")
                yield int(port, 16), read_address(address)


def links(folder: Path) -> Iterator[str]:
    with suppress(OSError):  # the process has ended
        for file in folder.iterdir():
            with suppress(OSError):
                yield str(file.readlink())


def read_address(hexadecimal: str) -> IPv4Address | IPv6Address:
    """As the kernel writes it: words of four bytes, each in the machine's order."""
    code = bytes.fromhex(hexadecimal)
    address = ip_address(b"".join(code[start : start + 4][::-1] for start in range(0, len(code), 4)))
    return getattr(address, "ipv4_mapped", None) or address
