"""A server that is restarted, silent or empty: events flow again within seconds, and each outage is said once."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from shared.broker.nats_connection import connect
from shared.contract.log_events import LogEvent
from testkit.http_server import Reply
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pushed_project import ACKNOWLEDGED, SUBSCRIPTION, PushedProject, Subscriber, pusher_running
from testkit.tcp_proxy import TcpProxy

SOON_SECONDS = 8  # of a loaded machine; alone it takes three
Change = Callable[[NatsServer], None]


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "usher")
    return caplog


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.message.startswith("broker")]


@contextmanager
def flowing(project: PushedProject) -> Iterator[Subscriber]:
    """Before and after: what happens meanwhile is an outage. A killed server may have forgotten an acknowledgement."""
    with Subscriber.answering() as subscriber, project.pushed_to(subscriber, ack_deadline=2):
        project.publish(b"before")
        assert eventually(lambda: project.unacknowledged() == 0)
        yield subscriber
        assert eventually(lambda: b"after" in subscriber.events, seconds=SOON_SECONDS)
        assert eventually(lambda: project.unacknowledged() == 0)
    assert list(dict.fromkeys(subscriber.events)) == [b"before", b"after"]


@pytest.mark.parametrize(("end", "begin"), [(NatsServer.kill, NatsServer.start), (NatsServer.pause, NatsServer.resume)])
def test_server_that_is_not_there_for_a_while(
    end: Change, begin: Change, nats: NatsServer, project: PushedProject, logged: pytest.LogCaptureFixture
) -> None:
    with flowing(project):
        end(nats)
        assert eventually(lambda: LogEvent.BROKER_UNAVAILABLE in said(logged), seconds=SOON_SECONDS)
        begin(nats)
        project.publish(b"after")

    assert said(logged) == [LogEvent.BROKER_AVAILABLE, LogEvent.BROKER_UNAVAILABLE, LogEvent.BROKER_AVAILABLE]


@pytest.mark.parametrize("response", [b"INFO\r\n", b"INFO []\r\n", b"x" * 100_000])
def test_something_else_that_responds_in_place_of_the_server(
    response: bytes, nats: NatsServer, project: PushedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client gives up in silence on what it cannot read."""
    monkeypatch.setattr("pusher.broker._PATIENCE", 2)
    host, port = nats.address.split(":")
    with flowing(project):
        nats.kill()
        with socket.create_server((host, int(port))) as other:
            connection, _ = other.accept()
            with connection:
                connection.sendall(response)
        nats.start()
        project.publish(b"after")


def test_connection_to_a_silent_server_is_closed_when_it_is_given_up() -> None:
    async def give_up(server: socket.socket) -> bytes:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await connect("nats://{}:{}".format(*server.getsockname()), allow_reconnect=True)
        connection, _ = server.accept()
        with connection:
            connection.settimeout(0.5)
            return connection.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert asyncio.run(give_up(silent)) == b""


def test_server_that_has_lost_its_streams(nats: NatsServer, project: PushedProject) -> None:
    with flowing(project):
        nats.lose_everything()
        assert eventually(lambda: project.exists(project.dead_letters), seconds=SOON_SECONDS)
        project.publish(b"after")


def test_consumer_that_somebody_deletes(project: PushedProject) -> None:
    with flowing(project):
        project.call(lambda js: js.delete_consumer(project.stream, SUBSCRIPTION))
        assert eventually(lambda: project.exists(project.stream, SUBSCRIPTION), seconds=SOON_SECONDS)
        project.publish(b"after")


def test_server_that_starts_after_the_pusher(
    nats: NatsServer, project: PushedProject, logged: pytest.LogCaptureFixture
) -> None:
    project.publish(b"early")
    nats.kill()

    with Subscriber.answering() as subscriber, project.pushed_to(subscriber):
        assert eventually(lambda: said(logged) == [LogEvent.BROKER_UNAVAILABLE], seconds=SOON_SECONDS)
        nats.start()
        assert eventually(lambda: subscriber.events == [b"early"], seconds=SOON_SECONDS)


def test_acknowledgement_that_is_lost(nats: NatsServer, project: PushedProject) -> None:
    cut = Event()
    with TcpProxy(nats.address) as proxy:

        def answer(_: object) -> Reply:
            if not cut.is_set():
                proxy.refuse()
                cut.set()
            return ACKNOWLEDGED

        with Subscriber.answering(answer) as subscriber:
            settings = project.settings(
                {SUBSCRIPTION: subscriber.url}, {"ack_deadline": 2}, url=f"nats://{proxy.address}"
            )
            with pusher_running(settings):
                project.publish(b"event")
                assert cut.wait(timeout=10)
                proxy.forward()
                assert eventually(lambda: project.unacknowledged() == 0)

    assert set(subscriber.events) == {b"event"}
    assert len(subscriber.events) <= 2
