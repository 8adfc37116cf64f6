from collections.abc import Callable

import pytest

from shared.broker.publisher import PublisherUnavailableError
from shared.outbox.outbox import publish_and_clear, publish_best_effort
from shared.web.after_the_answer import at_once
from testkit.builders import a_user_created
from testkit.fakes import Publisher, outbox_of


def test_published_event_leaves_the_outbox() -> None:
    outbox, publisher = outbox_of(event := a_user_created()), Publisher()

    publish_and_clear(outbox.entries[event.event_id], publisher, outbox)

    assert (publisher.published, outbox.entries) == ([event], {})


def test_event_that_was_not_acknowledged_stays_in_the_outbox() -> None:
    event = a_user_created()
    outbox = outbox_of(event)

    with pytest.raises(PublisherUnavailableError):
        publish_and_clear(outbox.entries[event.event_id], Publisher(is_down=True), outbox)

    assert outbox.events() == [event]


def test_best_effort_leaves_what_fails_to_the_relay(caplog: pytest.LogCaptureFixture) -> None:
    event = a_user_created()
    outbox = outbox_of(event)

    for publisher in (Publisher(is_down=True), Publisher(refused={event.event_id})):
        publish_best_effort(outbox.entries[event.event_id], publisher=publisher, outbox=outbox, later=at_once)

    assert outbox.events() == [event]
    assert caplog.messages == ["event_left_to_relay"] * 2


def test_outbox_that_cannot_be_cleared_fails_no_sign_up() -> None:
    event = a_user_created()
    outbox, publisher = outbox_of(event, is_down=True), Publisher()

    publish_best_effort(outbox.entries[event.event_id], publisher=publisher, outbox=outbox, later=at_once)

    assert publisher.published == [event]


def test_entry_that_was_put_there_meanwhile_is_not_cleared() -> None:
    event = a_user_created()
    outbox = outbox_of(event)
    works: list[Callable[[], None]] = []
    publish_best_effort(outbox.entries[event.event_id], publisher=Publisher(), outbox=outbox, later=works.append)
    outbox.put(event)  # a redrive's

    works.pop()()

    assert outbox.events() == [event]
