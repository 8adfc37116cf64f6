from collections.abc import Callable
from time import monotonic

import pytest

from shared.broker.publisher import PublisherUnavailableError
from shared.outbox.outbox import (
    publish_and_clear,
    publish_best_effort,
)
from shared.web.after_the_answer import at_once
from testkit.builders import a_user_created
from testkit.fakes import Outbox, Publisher, outbox_of


def test_published_event_leaves_the_outbox() -> None:
    event = a_user_created()
    outbox, publisher = outbox_of(event), Publisher()

    publish_and_clear(event, publisher, outbox)

    assert (publisher.published, outbox.entries) == ([event], {})


def test_event_that_was_not_acknowledged_stays_in_the_outbox() -> None:
    event = a_user_created()
    outbox = outbox_of(event)

    with pytest.raises(PublisherUnavailableError):
        publish_and_clear(event, Publisher(is_down=True), outbox)

    assert outbox.entries == {event.event_id: event}


def test_best_effort_leaves_what_fails_to_the_relay(caplog: pytest.LogCaptureFixture) -> None:
    event = a_user_created()
    outbox = outbox_of(event)

    publish_best_effort(event, publisher=Publisher(is_down=True), outbox=outbox, later=at_once)
    publish_best_effort(event, publisher=Publisher(refused={event.event_id}), outbox=outbox, later=at_once)

    assert outbox.entries == {event.event_id: event}
    assert caplog.messages == ["event_left_to_relay"] * 2


def test_outbox_that_cannot_be_cleared_fails_no_sign_up() -> None:
    event = a_user_created()
    publisher = Publisher()

    publish_best_effort(event, publisher=publisher, outbox=Outbox({event.event_id: event}, is_down=True), later=at_once)

    assert publisher.published == [event]


def test_entry_is_left_to_the_relay_by_an_instance_that_stood_still(monkeypatch: pytest.MonkeyPatch) -> None:
    event = a_user_created()
    outbox = outbox_of(event)
    works: list[Callable[[], None]] = []
    publish_best_effort(event, publisher=Publisher(), outbox=outbox, later=works.append)
    wakes_up = monotonic() + 60
    monkeypatch.setattr("shared.outbox.outbox.monotonic", lambda: wakes_up)

    works.pop()()

    assert outbox.entries == {event.event_id: event}
