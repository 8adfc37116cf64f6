"""docs/nats.md followed literally, on free ports and beside a stack's Firestore."""

import re
import shlex
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from shared.broker.nats_connection import NatsConnection
from shared.broker.nats_publisher import NatsPublisher
from shared.broker.publisher import PublisherUnavailableError
from shared.events.codec import Encoding
from testkit.brokers.running_nats import RunningNats
from testkit.free_ports import free_base_port, free_port
from testkit.nats_server import NatsServer
from testkit.plain_http import http
from testkit.polling import eventually, is_listening, is_serving
from testkit.pushing import an_event
from testkit.shell_blocks import ROOT, run_block, shell_blocks, terminal
from testkit.stack import LocalStack

PAGE = (ROOT / "docs" / "nats.md").read_text()
PROJECT, TOPIC = "usher-local", "user.created"


def publish_without_the_nats_client(url: str, project: str) -> None:
    """What the page publishes with it."""
    (command,) = re.findall(r"^\$ (nats pub .*?)```", PAGE, re.DOTALL | re.MULTILINE)
    _, _, subject, *rest, data = shlex.split(command.replace(PROJECT, project).replace("\\\n", ""))
    headers = dict(header.split(":", 1) for header in rest if header != "-H")
    connection = NatsConnection(url)
    connection.call(lambda jetstream: jetstream.publish(subject, data.encode(), headers=headers), timeout_seconds=5)


def test_everything_started_by_hand_as_the_page_says_sends_both_mails(stack: LocalStack, tmp_path: Path) -> None:
    base, nats, project = free_base_port(), free_port(), f"by-hand-{uuid4().hex}"
    replaced = {
        rf"\b{PROJECT}\b": project,  # the stack's emulator keeps it apart
        r"127\.0\.0\.1:8086\b": stack.firestore_host,
        **{rf"\b808{digit}\b": str(base + digit) for digit in (0, 1, 7)},
        r"\b4222\b": str(nats),
        "build/nats": str(tmp_path / "nats"),
        "build/": f"{stack.bundles}/",
        r"(?m)^nats-server": ".venv/bin/nats-server",
    }
    _, server, pusher, create_user, sign_up = shell_blocks("nats.md", replaced)
    by_hand = shell_blocks("by-hand.md", replaced)
    mail_server, send_email = (next(each for each in by_hand if word in each) for word in ("aiosmtpd", "send_email"))
    with ExitStack() as running:
        for number, block in enumerate([mail_server, send_email, server, pusher, create_user]):
            running.enter_context(terminal(block, tmp_path / f"terminal{number}.log"))
        assert eventually(lambda: is_listening(nats) and is_listening(base + 7))
        for offset in (0, 1):
            assert eventually(partial(is_serving, f"http://127.0.0.1:{base + offset}/"), seconds=60)
        assert eventually(lambda: "broker_available" in (tmp_path / "terminal3.log").read_text())

        assert "HTTP/1.1 201 CREATED" in run_block(sign_up)
        publish_without_the_nats_client(f"nats://127.0.0.1:{nats}", project)
        mails = tmp_path / "terminal0.log"
        assert eventually(
            lambda: {"To: ewan@example.com", "To: ada@example.com"} <= set(mails.read_text().splitlines())
        )


def test_recommended_server_syncs_each_event_and_asks_for_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    (config,) = re.findall(r"```\n(jetstream .*?)```", PAGE, re.DOTALL)
    config = re.sub(r" *store_dir.*\n", "", config)  # a folder of the test's own is given
    monkeypatch.setenv("NATS_PASSWORD", "secret-of-the-test")
    monitor = f"127.0.0.1:{free_port()}"
    with NatsServer.running() as server:
        server.kill()
        server.start(f"{config}\nhttp: {monitor}\n")

        def publish(user: str) -> None:
            connection = NatsConnection(server.url.replace("//", f"//{user}@"))
            NatsPublisher(connection, project=PROJECT, topic=TOPIC, encoding=Encoding.JSON).publish(an_event())

        known = "usher:secret-of-the-test"
        RunningNats(server.url.replace("//", f"//{known}@"), Path()).create_topics(PROJECT)
        publish(known)
        with pytest.raises(PublisherUnavailableError):
            publish("usher:another")

        assert http.get(f"http://{monitor}/varz").json()["jetstream"]["config"]["sync_always"]
