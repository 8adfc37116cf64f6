import logging
from datetime import timedelta

import pytest

from relay_outbox.relay import RelayReport, relay_outbox
from shared.broker.publisher import EventRefusedError, PublisherUnavailableError
from shared.events.event import Event
from shared.events.user_created import UserCreated
from shared.outbox.outbox import OutboxUnavailableError, publish_and_clear
from shared.runtime import tracing
from testkit.builders import NOW, a_user_created
from testkit.fakes import Outbox, Publisher, outbox_of

GRACE = timedelta(seconds=10)


def old_events(count: int) -> list[UserCreated]:
    return [a_user_created(occurred_at=NOW - timedelta(minutes=1)) for _ in range(count)]


def relay(outbox: Outbox, publisher: Publisher, *, budget_seconds: float = 40) -> RelayReport:
    return relay_outbox(outbox, publisher, grace=GRACE, budget_seconds=budget_seconds, now=lambda: NOW)


def test_relay_publishes_and_clears_every_page() -> None:
    events = old_events(5)
    outbox, publisher = outbox_of(*events, age_seconds=60), Publisher()

    report = relay(outbox, publisher)

    assert report == RelayReport(relayed=5, remaining=0)
    assert {event.event_id for event in publisher.published} == {event.event_id for event in events}
    assert outbox.entries == {}


def test_relay_of_an_empty_outbox_reports_nothing() -> None:
    assert relay(Outbox(), Publisher()) == RelayReport(relayed=0, remaining=0)


def test_relay_leaves_events_within_their_grace_to_the_request() -> None:
    a_day_ahead = a_user_created(occurred_at=NOW + timedelta(days=1))  # by the clock of the instance that stored it
    outbox, publisher = outbox_of(a_day_ahead, age_seconds=9.9), Publisher()

    too_early = relay(outbox, publisher)
    outbox.age_seconds = 10
    in_time = relay(outbox, publisher)

    assert (too_early, in_time) == (RelayReport(relayed=0, remaining=1), RelayReport(relayed=1, remaining=0))
    assert publisher.published == [a_day_ahead]


def test_one_refused_event_does_not_stop_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    events = old_events(5)
    outbox, publisher = outbox_of(*events, age_seconds=60), Publisher(refused={events[0].event_id})

    report = relay(outbox, publisher)

    assert report == RelayReport(relayed=4, remaining=1)
    assert list(outbox.entries) == [events[0].event_id]
    assert [(record.message, record.levelno) for record in caplog.records] == [("event_refused", logging.ERROR)]


def test_relay_stops_when_the_broker_is_down() -> None:
    asked: list[Event] = []

    class SilentPublisher(Publisher):
        def publish(self, event: Event) -> None:
            asked.append(event)
            raise PublisherUnavailableError

    events = old_events(200)
    outbox = outbox_of(*events, page_size=100, age_seconds=60)

    report = relay(outbox, SilentPublisher())

    assert report == RelayReport(relayed=0, remaining=200)
    assert 8 <= len(asked) < 16  # 8 in a row, and what the other threads had begun meanwhile


@pytest.mark.parametrize(
    ("outcomes", "asked"),
    [
        ("........ .", 8),
        ("....... R. +", 9),  # a refusal neither counts nor interrupts
        ("RRRRRRRR +", 9),
        ("....... + ....... +", 16),
        ("....... C ....... C", 16),
    ],
)
def test_only_publishes_in_a_row_that_were_not_acknowledged_stop_the_relay(outcomes: str, asked: int) -> None:
    kinds = {".": PublisherUnavailableError, "R": EventRefusedError, "C": OutboxUnavailableError}
    remaining = list(outcomes.replace(" ", ""))

    class ScriptedPublisher(Publisher):
        def publish(self, event: Event) -> None:
            if kind := kinds.get(remaining.pop(0)):
                raise kind
            super().publish(event)

    events = old_events(len(remaining))
    publisher = ScriptedPublisher()

    report = relay(outbox_of(*events, page_size=1, age_seconds=60), publisher)  # one at a time

    assert len(events) - len(remaining) == asked
    assert report.relayed == len(publisher.published)


def test_relay_stops_within_a_page_when_its_budget_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 0

    class SlowPublisher(Publisher):
        def publish(self, event: Event) -> None:
            nonlocal seconds
            seconds += 10
            super().publish(event)

    monkeypatch.setattr("relay_outbox.relay.monotonic", lambda: seconds)
    outbox = outbox_of(*old_events(40), page_size=40, age_seconds=60)

    report = relay(outbox, SlowPublisher(), budget_seconds=30)

    assert 3 <= report.relayed < 3 + 8  # the other threads finish what they have begun
    assert report.remaining == 40 - report.relayed


def test_relay_of_an_outbox_that_cannot_be_read_fails() -> None:
    with pytest.raises(OutboxUnavailableError):
        relay(Outbox({}, is_down=True), Publisher())


def test_event_that_another_run_cleared_meanwhile_is_published_twice_at_worst() -> None:
    (event,) = old_events(1)
    outbox, publisher = outbox_of(event, age_seconds=60), Publisher()
    other_run = outbox.pages()
    page_of_other_run = next(other_run)

    first = relay(outbox, publisher)
    for entry in page_of_other_run:
        publish_and_clear(entry, publisher, outbox)

    assert first == RelayReport(relayed=1, remaining=0)
    assert publisher.published == [event, event]


def test_event_is_relayed_in_the_trace_of_its_request() -> None:
    traces = []

    class TracedPublisher(Publisher):
        def publish(self, event: Event) -> None:
            traces.append(tracing.current_trace_id())
            super().publish(event)

    (event,) = old_events(1)

    relay(outbox_of(event, age_seconds=60), TracedPublisher())

    assert traces == [event.traceparent.split("-")[1]]


def test_relay_logs_the_age_of_the_oldest_event_that_waits(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "usher")

    relay(outbox_of(*old_events(2), age_seconds=60), Publisher(is_down=True))

    assert vars(caplog.records[-1])["fields"] == {"relayed": 0, "remaining": 2, "oldest_age_seconds": 60}


def test_relay_whose_budget_is_spent_still_tells_how_old_the_backlog_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "usher")

    report = relay(outbox_of(*old_events(9), age_seconds=60), Publisher(), budget_seconds=0)

    assert report.remaining > 0
    assert vars(caplog.records[-1])["fields"]["oldest_age_seconds"] == 60


def test_relayed_event_is_logged_with_its_age(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "usher")
    (event,) = old_events(1)

    relay(outbox_of(event, age_seconds=60), Publisher())

    assert caplog.messages[0] == "event_relayed"
    assert vars(caplog.records[0])["fields"]["latency_ms"] == 60_000
