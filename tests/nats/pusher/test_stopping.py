"""A pusher that is told to stop, in whatever state."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import monotonic

import pytest

from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pushed_project import PushedProject, Subscriber
from testkit.smtp_server import Misbehaviour


@pytest.fixture
def pusher() -> Iterator[ExitStack]:
    with ExitStack() as running:
        yield running


def test_push_that_takes_too_long_is_cut_off_and_repeated_soon(
    project: PushedProject, pusher: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pusher.pusher._STOP_SECONDS", 0.2)

    with Subscriber.answering(Misbehaviour.HANG) as silent:
        pusher.enter_context(project.pushed_to(silent, ack_deadline=60))
        project.publish(b"cut off")
        assert eventually(lambda: silent.events)
        pusher.close()
        stopped_at = monotonic()

    with Subscriber.answering() as subscriber, project.pushed_to(subscriber, ack_deadline=60):
        assert eventually(lambda: subscriber.events)
    assert subscriber.pushes[0].at - stopped_at == pytest.approx(1, abs=0.5)


def nothing(_: NatsServer) -> None: ...


@pytest.mark.parametrize("trouble", [nothing, NatsServer.kill, NatsServer.pause])
def test_idle_pusher_stops_soon_whatever_its_server_does(
    trouble: Callable[[NatsServer], None], nats: NatsServer, project: PushedProject, pusher: ExitStack
) -> None:
    with Subscriber.answering() as subscriber:
        pusher.enter_context(project.pushed_to(subscriber))
        project.publish(b"event")
        assert eventually(lambda: project.unacknowledged() == 0)
        trouble(nats)
        started = monotonic()
        pusher.close()

    assert monotonic() - started < 3


def test_event_that_meets_a_stop_is_not_left_for_its_acknowledgement_wait(project: PushedProject) -> None:
    """Each comes in the moment in which a pusher stops, sooner or later."""
    with Subscriber.answering() as subscriber:
        for number in range(20):
            with project.pushed_to(subscriber, ack_deadline=60):
                assert eventually(lambda: project.unacknowledged() == 0, seconds=5)
                project.publish(b"%d" % number)

        with project.pushed_to(subscriber, ack_deadline=60):
            assert eventually(lambda: project.unacknowledged() == 0, seconds=5)

    assert set(subscriber.events) == {b"%d" % number for number in range(20)}
