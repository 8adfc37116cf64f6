"""`python -m pusher`: a real process, its settings, its signals and its end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen, TimeoutExpired
from threading import Event

import pytest

from blueprint.topology import PROJECT_ROOT
from shared.contract.log_events import LogEvent
from testkit.free_ports import free_port
from testkit.http_server import Reply
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pushed_project import ACKNOWLEDGED, SUBSCRIPTION, PushedProject, Subscriber
from testkit.smtp_server import Misbehaviour

PUSHER = [sys.executable, "-m", "pusher"]
UNDER_WAY = [b"%d" % number for number in range(4)]


def environment(project: PushedProject, url: str, **settings: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "GOOGLE_CLOUD_PROJECT": project.name,
        "EVENT_TOPIC": "user.created",
        "NATS_URL": url,
        "PUSH_ENDPOINTS": f"{SUBSCRIPTION}=http://127.0.0.1:{free_port()}",
        "HTTP_PROXY": "http://127.0.0.1:9",  # for endpoints elsewhere only
        **settings,
    }


@contextmanager
def running(environ: dict[str, str]) -> Iterator[Popen[bytes]]:
    with Popen(PUSHER, cwd=PROJECT_ROOT, env=environ, stdout=PIPE, stderr=PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_faulty_settings_are_listed_and_nothing_starts(project: PushedProject) -> None:
    faulty = environment(project, "", PUSH_ENDPOINTS="send-email=example.com", PUSH_MAX_DELIVERY_ATTEMPTS="none")
    del faulty["EVENT_TOPIC"]

    ended = subprocess.run(PUSHER, cwd=PROJECT_ROOT, env=faulty, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "Fix these environment variables:",
        "EVENT_TOPIC: must be set",
        "PUSH_ENDPOINTS: must be subscriptions and their URLs, such as send-email=http://127.0.0.1:8081/",
        "PUSH_MAX_DELIVERY_ATTEMPTS: must be a whole number (got none)",
    ]


def test_streams_are_created_once_there_is_a_server_and_take_events_before_a_pusher_runs(
    nats: NatsServer, project: PushedProject
) -> None:
    nats.kill()
    create = [*PUSHER, "--create-streams"]
    environ = environment(project, nats.url)
    with Popen(create, cwd=PROJECT_ROOT, env=environ, stdout=PIPE, stderr=PIPE) as waiting:
        assert waiting.stdout
        assert json.loads(waiting.stdout.readline())["message"] == LogEvent.BROKER_UNAVAILABLE
        nats.lose_everything()
        printed, errors = waiting.communicate(timeout=60)

    assert (waiting.returncode, errors) == (0, b"")
    assert [json.loads(line)["message"] for line in printed.splitlines()] == [LogEvent.BROKER_AVAILABLE]
    project.publish(b"early")
    assert project.unacknowledged() == 1


def test_told_to_stop_it_ends_what_is_under_way_and_says_nothing_of_secrets(
    nats: NatsServer, project: PushedProject
) -> None:
    stopping = Event()

    def answer(_: object) -> Reply:
        stopping.wait(timeout=10)
        return ACKNOWLEDGED

    secret_url = nats.url.replace("//", "//user:canary-password@")
    with Subscriber.answering(answer) as subscriber:
        environ = environment(project, secret_url, PUSH_ENDPOINTS=f"{SUBSCRIPTION}={subscriber.url}")
        with running(environ) as process:
            project.publish(*UNDER_WAY)
            assert eventually(lambda: len(subscriber.events) == len(UNDER_WAY))
            process.send_signal(signal.SIGTERM)
            with pytest.raises(TimeoutExpired):
                process.wait(0.5)
            stopping.set()
            printed, errors = process.communicate(timeout=15)

    assert (process.returncode, errors) == (0, b"")
    assert [json.loads(line)["message"] for line in printed.splitlines()] == [LogEvent.BROKER_AVAILABLE]
    assert b"canary" not in printed
    assert project.unacknowledged() == 0


def test_killed_pusher_leaves_its_event_to_the_next(shared_nats: NatsServer, project: PushedProject) -> None:
    with Subscriber.answering(Misbehaviour.HANG) as first:
        settings = {"PUSH_ENDPOINTS": f"{SUBSCRIPTION}={first.url}", "PUSH_ACK_DEADLINE_SECONDS": "2"}
        environ = environment(project, shared_nats.url, **settings)
        with running(environ) as process:
            project.publish(b"event")
            assert eventually(lambda: first.events)
            process.kill()

    with Subscriber.answering() as second, project.pushed_to(second, ack_deadline=2):
        assert eventually(lambda: project.unacknowledged() == 0)

    assert second.events == [b"event"]
