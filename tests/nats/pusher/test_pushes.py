"""What becomes of an event, by what its subscriber answers."""

import logging
from collections import Counter
from contextlib import nullcontext
from threading import Barrier, BrokenBarrierError, Lock
from time import monotonic
from typing import Any

import pytest

from pusher.push_body import push_body
from shared.contract.log_events import LogEvent
from shared.events.message import Message
from testkit.http_server import Reply
from testkit.polling import eventually
from testkit.pushed_project import ACKNOWLEDGED, CONCURRENCY, REFUSED, SUBSCRIPTION, PushedProject, Subscriber
from testkit.smtp_server import Misbehaviour

FAILURES: dict[bytes, Reply] = {
    b"error": b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
    b"unknown": b"HTTP/1.1 404 Not Found\r\n\r\n",
    b"redirect": b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\n\r\n",
    b"informational": b"HTTP/1.1 100 Continue\r\n\r\n",
    b"nonsense": b"250 ok\r\n\r\n",
    b"endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000,
    b"cut": Misbehaviour.DROP,
    b"silent": Misbehaviour.HANG,
    b"slow": Misbehaviour.DRIBBLE,
}
SLOW = {b"silent", b"slow"}
SUCCESSES: dict[bytes, Reply] = {
    b"no content": ACKNOWLEDGED,
    b"accepted": b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok",
    b"endless body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 10_000_000,
}


def test_event_is_pushed_until_it_is_acknowledged_and_no_more(project: PushedProject) -> None:
    seen = Counter[bytes]()

    def answer(message: Message) -> Reply:
        seen[message.data] += 1
        return SUCCESSES[message.data] if message.data in SUCCESSES else FAILURES[message.data]

    def answer_once(message: Message) -> Reply:
        return ACKNOWLEDGED if seen[message.data] else answer(message)

    with Subscriber.answering(answer_once) as subscriber, project.pushed_to(subscriber, ack_deadline=3):
        project.publish(*FAILURES, *SUCCESSES)

        assert eventually(lambda: len(subscriber.pushes) >= 2 * len(FAILURES) + len(SUCCESSES))
        assert eventually(lambda: project.unacknowledged() == 0)

    assert Counter(subscriber.events) == {**dict.fromkeys(FAILURES, 2), **dict.fromkeys(SUCCESSES, 1)}
    assert {push.line for push in subscriber.pushes} == {f"POST /projects/{project.name}/topics/user.created HTTP/1.1"}
    pauses = {event: again - first for event in FAILURES for first, again in [subscriber.times_of(event)]}
    assert {event: pauses[event] for event in FAILURES.keys() - SLOW} == pytest.approx(
        dict.fromkeys(FAILURES.keys() - SLOW, 1), abs=0.3
    )
    assert {event: pauses[event] for event in SLOW} == pytest.approx(dict.fromkeys(SLOW, 2.5 + 1), abs=0.5)


def test_event_that_is_refused_too_often_is_a_dead_letter(
    project: PushedProject, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "usher")
    event_id = "6c84fb90-12c4-11e1-840d-7b25c5ee775a"

    with Subscriber.answering(REFUSED) as subscriber, project.pushed_to(subscriber, attempts=3):
        project.publish(b"refused", **{"ce-id": event_id, "traceparent": "é %"})
        assert eventually(lambda: project.unacknowledged() == 0)

    first, second, third = subscriber.times_of(b"refused")
    assert (second - first, third - second) == pytest.approx((1, 2), abs=0.3)
    [letter] = project.take_dead_letters()
    published_at = letter.attributes["CloudPubSubDeadLetterSourceTopicPublishTime"]
    assert letter == Message(
        b"refused",
        {
            "ce-id": event_id,
            "traceparent": "é %",
            "CloudPubSubDeadLetterSourceSubscription": SUBSCRIPTION,
            "CloudPubSubDeadLetterSourceSubscriptionProject": project.name,
            "CloudPubSubDeadLetterSourceTopicPublishTime": published_at,
            "CloudPubSubDeadLetterSourceDeliveryCount": "3",
        },
    )
    about = {"subscription": SUBSCRIPTION, "message_id": 1, "event_id": event_id}
    logged = [(each.message, vars(each)["fields"]) for each in caplog.records if "event_id" in vars(each)["fields"]]
    assert logged == [
        *((LogEvent.PUSH_NOT_ACKNOWLEDGED, {**about, "attempts": n, "reason": "503"}) for n in (1, 2, 3)),
        (LogEvent.EVENT_DEAD_LETTERED, {**about, "attempts": 3}),
    ]


def test_bug_is_an_error_and_its_event_is_pushed_again(
    project: PushedProject, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = LookupError("a bug")

    def push_body_once_broken(*_: Any, **__: Any) -> bytes:
        monkeypatch.setattr("pusher.delivery.push_body", push_body)
        raise bug

    monkeypatch.setattr("pusher.delivery.push_body", push_body_once_broken)

    with Subscriber.answering() as subscriber, project.pushed_to(subscriber, ack_deadline=1):
        project.publish(b"event")
        assert eventually(lambda: project.unacknowledged() == 0)

    assert subscriber.events == [b"event"]
    [error] = caplog.records
    assert (error.message, error.levelno) == (LogEvent.PUSHER_FAILED, logging.ERROR)
    assert error.exc_info
    assert error.exc_info[1] is bug


def test_events_that_fail_do_not_delay_another(project: PushedProject) -> None:
    def answer(message: Message) -> Reply:
        return ACKNOWLEDGED if message.data == b"good" else REFUSED

    with Subscriber.answering(answer) as subscriber, project.pushed_to(subscriber, minimum_backoff=10):
        failing = [b"%d" % number for number in range(2 * CONCURRENCY)]
        project.publish(*failing)
        assert eventually(lambda: len(subscriber.pushes) == len(failing))
        published_at = monotonic()
        project.publish(b"good")
        assert eventually(lambda: subscriber.times_of(b"good"))

    assert subscriber.times_of(b"good")[0] - published_at < 1
    assert len(subscriber.pushes) == len(failing) + 1


@pytest.mark.parametrize("pushers", [1, 2])
def test_subscriber_gets_as_many_at_once_as_it_takes_from_each_pusher(pushers: int, project: PushedProject) -> None:
    counting, full = Lock(), Barrier(pushers * CONCURRENCY)
    under_way = most = 0

    def answer(_: Message) -> Reply:
        nonlocal under_way, most
        with counting:
            under_way += 1
            most = max(most, under_way)
        try:
            full.wait(timeout=20)  # all places are taken: more would be counted
        except BrokenBarrierError:
            return REFUSED
        with counting:
            under_way -= 1
        return ACKNOWLEDGED

    events = [b"%d" % number for number in range(2 * pushers * CONCURRENCY)]
    with Subscriber.answering(answer) as subscriber:
        project.publish(*events)
        with project.pushed_to(subscriber), project.pushed_to(subscriber) if pushers == 2 else nullcontext():
            assert eventually(lambda: len(subscriber.pushes) == len(events))
            assert eventually(lambda: project.unacknowledged() == 0)

    assert most == pushers * CONCURRENCY
    assert Counter(subscriber.events) == dict.fromkeys(events, 1)
