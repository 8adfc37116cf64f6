"""An event is given up only once its dead letter is stored, and never before it was pushed."""

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from nats.js.client import JetStreamContext

from shared.contract.log_events import LogEvent
from testkit.polling import eventually
from testkit.pushed_project import REFUSED, SUBSCRIPTION, PushedProject, Subscriber

Change = Callable[[PushedProject], None]


def fill(project: PushedProject) -> None:
    limit_dead_letters(project, max_msgs=1)
    project.call(lambda js: js.publish(f"{project.name}.user.created.dead-letter", b"another"))


def empty(project: PushedProject) -> None:
    project.take_dead_letters()


def limit_dead_letters(project: PushedProject, *, max_msgs: int) -> None:
    async def limit(jetstream: JetStreamContext) -> None:
        config = (await jetstream.stream_info(project.dead_letters)).config
        await jetstream.update_stream(replace(config, max_msgs=max_msgs))

    project.call(limit)


def seal(project: PushedProject) -> None:
    project.call(lambda js: js.delete_stream(project.dead_letters))


def wait(_: PushedProject) -> None:
    """The pusher makes what is missing."""


@pytest.mark.parametrize(("break_it", "repair"), [(fill, empty), (seal, wait)], ids=["full", "missing"])
def test_event_is_pushed_again_until_its_dead_letter_is_stored(
    break_it: Change, repair: Change, project: PushedProject, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        Subscriber.answering(REFUSED) as subscriber,
        project.pushed_to(subscriber, attempts=1, minimum_backoff=1, maximum_backoff=2),
    ):
        project.publish(b"before")
        assert eventually(project.take_dead_letters)
        break_it(project)
        project.publish(b"refused")
        assert eventually(lambda: len(subscriber.times_of(b"refused")) == 2)
        assert break_it is seal or project.unacknowledged() == 1
        repair(project)
        assert eventually(lambda: project.unacknowledged() == 0)

    assert [letter.data for letter in project.take_dead_letters()] == [b"refused"]
    first, *_, last = subscriber.times_of(b"refused")
    failures = len(subscriber.times_of(b"refused")) - 1
    assert last - first == pytest.approx(2 * failures, abs=0.3)
    not_stored = [each.levelno for each in caplog.records if each.message == LogEvent.DEAD_LETTER_NOT_STORED]
    assert not_stored == [logging.ERROR] * failures


def test_dead_letter_that_no_header_holds_is_tried_again_as_the_policy_says(
    project: PushedProject, caplog: pytest.LogCaptureFixture
) -> None:
    """Its attributes, which others published, leave no room for those that are added: 64 KiB is the server's limit."""
    event, attributes = b"refused", {"large": 65_400 * "x"}
    with (
        Subscriber.answering(REFUSED) as subscriber,
        project.pushed_to(subscriber, attempts=1, minimum_backoff=1, maximum_backoff=2),
    ):
        project.publish_raw(event, attributes)
        assert eventually(lambda: len(subscriber.times_of(event)) == 3)
        project.publish(b"another")
        assert eventually(project.take_dead_letters)
        assert project.unacknowledged() == 1

    first, second, third = subscriber.times_of(event)[:3]
    assert [second - first, third - second] == pytest.approx([2, 2], abs=0.3)
    said = {each.message for each in caplog.records if each.levelno >= logging.ERROR}
    assert said == {LogEvent.DEAD_LETTER_NOT_STORED, LogEvent.EVENT_DEAD_LETTERED}


def test_event_that_was_delivered_too_often_is_pushed_once_more_before_it_is_given_up(project: PushedProject) -> None:
    async def take_and_return(jetstream: JetStreamContext) -> None:
        """As a pusher that crashes as soon as it has an event."""
        subscription = await jetstream.pull_subscribe_bind(SUBSCRIPTION, stream=project.stream)
        for _ in range(5):
            [taken] = await subscription.fetch()
            await taken.nak()
        await subscription.unsubscribe()

    project.publish(b"good")
    project.call(take_and_return)

    with Subscriber.answering() as subscriber, project.pushed_to(subscriber, attempts=3):
        assert eventually(lambda: project.unacknowledged() == 0)

    assert subscriber.events == [b"good"]
    assert project.take_dead_letters() == []
