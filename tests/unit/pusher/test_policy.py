"""The arithmetic of topology.toml, which Pub/Sub does in the cloud and the pusher on NATS."""

import pytest

from blueprint.topology import read_topology

PUSH = read_topology().push


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 320), (7, 600), (8, 600), (99, 600), (10_000, 600)],
)
def test_pause_doubles_up_to_its_maximum(attempts: int, seconds: int) -> None:
    assert PUSH.backoff_seconds(attempts) == seconds


def test_all_attempts_take_sixteen_hours() -> None:
    assert PUSH.attempts_seconds == sum(PUSH.backoff_seconds(attempts) for attempts in range(1, 100)) == 56_430
