"""What only NATS can do to a publisher; what every broker does is in tests/contract/test_publisher.py."""

import asyncio
import gc
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from nats.aio.msg import Msg
from nats.js.api import StreamConfig
from nats.js.client import JetStreamContext

from shared.broker.nats_connection import NatsConnection, connect
from shared.broker.nats_names import stream_of, subject_of
from shared.broker.nats_publisher import NatsPublisher
from shared.broker.publisher import EventRefusedError, PublisherUnavailableError
from shared.events.codec import Encoding
from testkit.builders import a_user_created
from testkit.certificates import self_signed
from testkit.free_ports import free_port
from testkit.nats_server import NatsServer
from testkit.tcp_proxy import TcpProxy
from testkit.topics import nats_topic

TOPIC = "user.created"
STREAM, SUBJECT = stream_of("p", TOPIC), subject_of("p", TOPIC)
PASSWORD = "p4ss-w0rd"


@pytest.fixture
def server() -> Iterator[NatsServer]:
    with NatsServer.running() as server:
        yield server


def publisher_to(url: str) -> NatsPublisher:
    return NatsPublisher(NatsConnection(url), project="p", topic=TOPIC, encoding=Encoding.JSON)


def create_stream(url: str) -> None:
    stream = StreamConfig(name=STREAM, subjects=[SUBJECT])
    NatsConnection(url).call(lambda jetstream: jetstream.add_stream(stream), timeout_seconds=10)


def test_call_under_way_survives_the_connection_that_another_waited_on_in_vain(server: NatsServer) -> None:
    connection = NatsConnection(server.url)

    async def ask_late(jetstream: JetStreamContext) -> int:
        await asyncio.sleep(0.7)
        return (await jetstream.account_info()).streams

    with ThreadPoolExecutor() as threads:
        in_vain = threads.submit(connection.call, lambda _: asyncio.sleep(60), timeout_seconds=1)
        sleep(0.5)  # it is time itself that passes: the other's half begins before the first one's second has ended
        under_way = threads.submit(connection.call, ask_late, timeout_seconds=1)

        with pytest.raises(TimeoutError):
            in_vain.result()
        assert under_way.result() == 0


@pytest.mark.parametrize("reply", [b"received", b"{}", b"7", b'{"stream": "another", "seq": 1}'])
def test_event_that_only_somebody_else_has_received_is_not_published(server: NatsServer, reply: bytes) -> None:
    async def publish_to_a_listener() -> None:
        async def answer(message: Msg) -> None:
            await message.respond(reply)

        listener = await connect(server.url, allow_reconnect=False)
        await listener.subscribe(SUBJECT, cb=answer)
        await listener.flush()
        try:
            await asyncio.to_thread(publisher_to(server.url).publish, a_user_created())
        finally:
            await listener.close()

    with pytest.raises(PublisherUnavailableError):
        asyncio.run(publish_to_a_listener())


@pytest.mark.parametrize("field", ["company", "event_id"])
def test_event_that_is_too_large_for_the_server_is_refused_and_the_next_is_not(server: NatsServer, field: str) -> None:
    """Its data or its headers, of which the server takes 64 KiB."""
    create_stream(server.url)
    publisher = publisher_to(server.url)

    with pytest.raises(EventRefusedError):
        publisher.publish(a_user_created(**{field: "x" * (2 << 20 if field == "company" else 70_000)}))

    publisher.publish(a_user_created())


def test_publisher_that_was_locked_out_publishes_once_it_is_let_in_and_shows_no_password(
    server: NatsServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    create_stream(server.url)
    publisher = publisher_to(f"nats://usher:{PASSWORD}@{server.address}")
    publisher.publish(a_user_created())

    server.kill()
    server.start("authorization { user: usher, password: another }")
    for _ in range(3):
        with pytest.raises(PublisherUnavailableError) as caught:
            publisher.publish(a_user_created())
        assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    server.kill()
    server.start(f"authorization {{ user: usher, password: {PASSWORD} }}")
    publisher.publish(a_user_created())

    gc.collect()  # a task whose exception nobody has seen says so when it goes
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_stale_connection_costs_one_publish(server: NatsServer) -> None:
    """The next goes over another: the client alone would take minutes to see that nobody answers on the first."""
    with TcpProxy(server.address) as proxy:
        topic = nats_topic(server, address=proxy.address)
        topic.publisher.publish(a_user_created())
        proxy.forget_connections()
        with pytest.raises(PublisherUnavailableError):
            topic.publisher.publish(a_user_created())

        topic.publisher.publish(a_user_created())


def test_server_that_is_started_again_has_what_it_had_and_takes_more(server: NatsServer) -> None:
    topic = nats_topic(server)
    topic.publisher.publish(first := a_user_created())

    server.kill()
    with pytest.raises(PublisherUnavailableError):
        topic.publisher.publish(a_user_created())
    server.start()
    topic.publisher.publish(last := a_user_created())

    assert topic.received() == [first, last]


def test_full_stream_refuses_events_and_drops_none(server: NatsServer) -> None:
    topic = nats_topic(server, max_msgs=2)
    kept = [a_user_created(), a_user_created()]
    for event in kept:
        topic.publisher.publish(event)

    with pytest.raises(PublisherUnavailableError):
        topic.publisher.publish(a_user_created())

    assert topic.received() == kept


def test_event_without_a_stream_is_not_published(server: NatsServer) -> None:
    with pytest.raises(PublisherUnavailableError):
        publisher_to(server.url).publish(a_user_created())


def test_of_several_servers_one_that_is_there_suffices(server: NatsServer) -> None:
    create_stream(server.url)

    publisher_to(f"nats://127.0.0.1:{free_port()},{server.url}").publish(a_user_created())


def test_tls_is_used_where_the_url_says_so_and_nothing_else_is(
    server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client alone would send its password to a server that offers no TLS."""
    create_stream(server.url)
    self_signed("localhost", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    publisher = publisher_to(f"tls://localhost:{server.address.rpartition(':')[2]}")

    with pytest.raises(PublisherUnavailableError):
        publisher.publish(a_user_created())
    server.kill()
    files = f"cert_file: '{tmp_path / 'certificate.pem'}', key_file: '{tmp_path / 'key.pem'}'"
    server.start(f"tls {{ {files}, handshake_first: auto }}")

    publisher.publish(a_user_created())
