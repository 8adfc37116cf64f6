"""What the pusher makes of a stream's events, on a real server."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from shared.events.message import Message
from testkit.http_server import Reply
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pusher_thread import ACKNOWLEDGED, REFUSED, Publishing, Subscriber, pusher_running, pusher_settings


@pytest.fixture
def nats() -> Iterator[NatsServer]:
    with NatsServer.running() as server:
        yield server


def test_event_is_pushed_once_and_acknowledged(nats: NatsServer) -> None:
    published = Publishing(nats.url)
    with Subscriber.answering() as subscriber:
        settings = pusher_settings(nats.url, {"send-email": subscriber.url}, push_ack_deadline_seconds=1)
        with pusher_running(settings):
            published.publish(b"one")
            assert eventually(lambda: subscriber.messages)

        with pusher_running(settings):
            published.publish(b"two")
            assert eventually(lambda: len(subscriber.messages) == 2)

    assert [each.data for each in subscriber.messages] == [b"one", b"two"]


def test_event_is_redelivered_after_its_delay(nats: NatsServer) -> None:
    published = Publishing(nats.url)
    refusals = 2

    def answer(_: Message) -> Reply:
        return REFUSED if len(subscriber.pushes) <= refusals else ACKNOWLEDGED

    with Subscriber.answering(answer) as subscriber:
        settings = pusher_settings(nats.url, {"send-email": subscriber.url}, push_minimum_backoff_seconds=1)
        with pusher_running(settings):
            published.publish(b"refused")
            assert eventually(lambda: len(subscriber.pushes) > refusals)

    times = [push.at for push in subscriber.pushes]
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([1, 2], abs=0.2)
