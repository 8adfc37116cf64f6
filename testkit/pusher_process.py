"""Runs a pusher beside the stack, for a project of a test's own and with redeliveries a second apart."""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import TimeoutExpired
from uuid import uuid4

from msgspec import structs

from blueprint.topology import read_topology
from testkit.forked_process import ForkedProcess
from testkit.own_environment import own_environment

PLAINLY = ("-m", "pusher")
_ROOT = Path(__file__).parent.parent
_TOPOLOGY = read_topology()
_STOP_SECONDS = 5
# Redelivered every second, as by the Pub/Sub emulator. The deadline is longer than the leases of proofs.
POLICY = structs.replace(_TOPOLOGY.push, minimum_backoff_seconds=1, maximum_backoff_seconds=1, ack_deadline_seconds=6)
PUSH_SETTINGS = {
    "PUSH_MINIMUM_BACKOFF_SECONDS": str(POLICY.minimum_backoff_seconds),
    "PUSH_MAXIMUM_BACKOFF_SECONDS": str(POLICY.maximum_backoff_seconds),
    "PUSH_ACK_DEADLINE_SECONDS": str(POLICY.ack_deadline_seconds),
}


def pusher_environment(project: str, url: str, endpoints: Mapping[str, str]) -> dict[str, str]:
    return {
        **own_environment(),
        "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "functions")]),
        "EVENT_BROKER": "nats",
        "GOOGLE_CLOUD_PROJECT": project,
        "EVENT_TOPIC": _TOPOLOGY.events.topic,
        "NATS_URL": url,
        "PUSH_ENDPOINTS": " ".join(f"{name}={endpoint}" for name, endpoint in endpoints.items()),
        **PUSH_SETTINGS,
    }


class PusherProcess:
    """A pusher process, or what `launched_by` makes of one."""

    def __init__(self, environment: Mapping[str, str], *, logs: Path, launched_by: Sequence[str] = PLAINLY) -> None:
        log = logs / f"pusher-{uuid4().hex}.log"
        self._process = ForkedProcess(launched_by, environment=environment, log=log)

    def stop(self) -> None:
        """Let it end what is under way, within seconds."""
        self._process.terminate()
        with suppress(TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()  # had it no session yet
        self._process.wait()
