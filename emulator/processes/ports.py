"""The local stack's ports, all counted from one base port."""

import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from emulator.processes.errors import StackError

HOST = "127.0.0.1"
# Below those that systems give to clients: none can take such a port before the emulator does that it was chosen for.
_BEHIND = range(10_000, 20_000)
_OF_ONE_STACK = 100
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  a probe: nothing listens there
# macOS lets a port be bound here while another program listens on it at every address.
_PROBED = (HOST, _EVERY_ADDRESS) if sys.platform == "darwin" else (HOST,)


@dataclass(frozen=True)
class Ports:
    """Where the stack's own parts listen. Functions add their offset in topology.toml to `base`."""

    base: int

    @property
    def broker(self) -> int:
        return self.base + 5

    @property
    def firestore(self) -> int:
        return self.base + 6

    @property
    def smtp(self) -> int:
        return self.base + 7

    @property
    def ui(self) -> int:
        return self.base + 8

    def behind(self, count: int) -> list[int]:
        """Free ports for what the stack does not publish, none of them near its own."""
        own = range(self.base, self.base + _OF_ONE_STACK)
        drawn = secrets.SystemRandom().sample(_BEHIND, len(_BEHIND))
        return list(islice((port for port in drawn if port not in own and is_free(port)), count))


def check_free(ports: Mapping[str, int], *, base: int) -> None:
    """
    Check that each of `ports`, given by who wants it, can be listened on.

    Raises:
        StackError: One cannot, with another base port to try; or two want the same.
    """
    owners: dict[int, str] = {}
    for owner, port in ports.items():
        if (other := owners.setdefault(port, owner)) != owner:
            raise StackError(
                f"{owner} and {other} would both listen on port {port}: "
                f"change the port {port - base} of the function in topology.toml."
            )
        if not is_free(port):
            raise StackError(
                f"Port {port} ({owner}) is in use: stop the process that uses it "
                f"or choose another base port, for example make run BASE_PORT={base + _OF_ONE_STACK}"
            )


def is_free(port: int) -> bool:
    # Bound, never connected to: from a port that the system gives to clients a connection can meet itself.
    return all(_can_bind(host, port) for host in _PROBED)


def _can_bind(host: str, port: int) -> bool:
    with socket.socket() as probe:
        # The servers set it too: without it a port just closed would seem taken for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
