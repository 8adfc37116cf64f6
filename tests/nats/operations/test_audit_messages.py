"""What an audit learns of messages from a real server; on Pub/Sub, Cloud Monitoring tells it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.nats_messages import NatsMessages
from audit.records import Backlog, Subscriber
from audit.settings import Settings, Subscribers
from shared.broker.nats_settings import NatsUrl
from testkit.http_server import Reply
from testkit.nats_server import NatsServer
from testkit.polling import eventually
from testkit.pushed_project import ACKNOWLEDGED, REFUSED, SUBSCRIPTION, TOPOLOGY, PushedProject
from testkit.pushed_project import Subscriber as Endpoint

DEAD = TOPOLOGY.events.dead_letter_subscription
INEXACT = timedelta(seconds=1)


@pytest.fixture(scope="module")
def nats() -> Iterator[NatsServer]:
    with NatsServer.running() as server:
        yield server


@pytest.fixture
def project(nats: NatsServer, tmp_path: Path) -> PushedProject:
    return PushedProject(nats.url, tmp_path)


@pytest.fixture
def messages(nats: NatsServer, project: PushedProject) -> NatsMessages:
    return messages_of(nats.url, project.name)


def messages_of(url: str, project: str) -> NatsMessages:
    settings = Settings(
        google_cloud_project=project,
        event_topic=TOPOLOGY.events.topic,
        nats_url=NatsUrl(url),
        audited_subscribers=Subscribers([Subscriber("send_email", SUBSCRIPTION)]),
        dead_letter_topic=TOPOLOGY.events.dead_letter_topic,
        dead_letter_subscription=DEAD,
        attempts_seconds=100,
        audit_pause_seconds=5 * INEXACT.total_seconds(),
    )
    return NatsMessages(settings, now=lambda: datetime.now(UTC))


def piles(messages: NatsMessages) -> dict[str, int]:
    return {name: backlog.messages for name, backlog in messages.backlogs().items()}


def assert_holds_one_from(backlog: Backlog, earliest: datetime, latest: datetime) -> None:
    assert backlog.messages == 1
    assert earliest <= backlog.oldest + INEXACT <= latest


def test_where_nothing_waits_the_oldest_is_of_now(messages: NatsMessages) -> None:
    before = datetime.now(UTC)

    backlogs = messages.backlogs()

    assert {name: each.messages for name, each in backlogs.items()} == {SUBSCRIPTION: 0, DEAD: 0}
    assert all(before <= each.as_of == each.oldest + INEXACT <= datetime.now(UTC) for each in backlogs.values())
    assert list(backlogs)[-1] == DEAD, "what moves there meanwhile would be missed"


def test_event_counts_from_its_publication_until_it_is_acknowledged(
    project: PushedProject, messages: NatsMessages
) -> None:
    refused = True

    def answer(_: object) -> Reply:
        return REFUSED if refused else ACKNOWLEDGED

    earliest = datetime.now(UTC)
    project.publish(b"event")
    latest = datetime.now(UTC)

    assert_holds_one_from(messages.backlogs()[SUBSCRIPTION], earliest, latest)
    with Endpoint.answering(answer) as subscriber, project.pushed_to(subscriber, minimum_backoff=1):
        assert eventually(lambda: subscriber.pushes)
        assert_holds_one_from(messages.backlogs()[SUBSCRIPTION], earliest, latest)  # it waits for its next push
        refused = False
        assert eventually(lambda: piles(messages) == {SUBSCRIPTION: 0, DEAD: 0})


def test_what_was_acknowledged_out_of_order_does_not_hide_the_oldest(
    project: PushedProject, messages: NatsMessages
) -> None:
    earliest = datetime.now(UTC)
    project.publish(b"oldest")
    latest = datetime.now(UTC)
    project.publish(b"acknowledged", b"acknowledged, too")

    def answer(message: object) -> Reply:
        return REFUSED if b"oldest" in getattr(message, "data", b"") else ACKNOWLEDGED

    with Endpoint.answering(answer) as subscriber, project.pushed_to(subscriber, minimum_backoff=10):
        assert eventually(lambda: piles(messages)[SUBSCRIPTION] == 1)
        assert_holds_one_from(messages.backlogs()[SUBSCRIPTION], earliest, latest)


def test_event_that_was_given_up_counts_among_the_dead_letters(project: PushedProject, messages: NatsMessages) -> None:
    with Endpoint.answering(REFUSED) as subscriber, project.pushed_to(subscriber, attempts=1):
        earliest = datetime.now(UTC)
        project.publish(b"event")
        assert eventually(lambda: piles(messages) == {SUBSCRIPTION: 0, DEAD: 1})

    assert_holds_one_from(messages.backlogs()[DEAD], earliest, datetime.now(UTC))


def test_nothing_is_known_where_no_server_responds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.nats_messages._TIMEOUT_SECONDS", 0.2)

    assert messages_of("nats://127.0.0.1:1", "nobody").backlogs() == {}


def test_nothing_is_known_of_a_project_without_streams(nats: NatsServer) -> None:
    assert messages_of(nats.url, "nobody").backlogs() == {}
