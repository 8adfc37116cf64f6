import asyncio

import pytest

from emulator.journeys.reasons import in_words
from tests.unit.emulator.journey_world import World


def test_journey_has_each_step_on_one_time_line() -> None:
    world = World()

    world.registered(at=1000)
    world.prints("send_email", 1000.5, message="mail_sent", act_ms=100)
    world.prints("notify_admin", 1000.6, message="sms_sent", act_ms=50)

    assert world.steps() == [
        ("request", 999.74, 1000),
        ("hashed", 999.75, 999.95),
        ("stored", 999.95, 999.98),
        ("published", 999.98, 1000),
        ("pushed", 1000.4, 1000.4),
        ("mail accepted", 1000.4, 1000.5),
        ("pushed", 1000.55, 1000.55),
        ("SMS accepted", 1000.55, 1000.6),
    ]
    assert (world.journey()["event_id"], world.journey()["trace_id"]) == ("e1", "t1")
    assert world.journey()["state"] == "complete"


def test_journey_is_under_way_until_every_subscriber_has_done_its_part() -> None:
    world = World()

    world.registered()
    world.prints("send_email", 1001, message="mail_sent")

    assert world.journey()["state"] == "under way"


def test_retries_are_one_step_from_the_first_push_to_the_acceptance() -> None:
    world = World()
    world.registered()

    for attempt in (1, 2):
        world.prints(
            "send_email", 1000 + attempt, message="mail_retried", attempts=attempt, code="smtp_connection_failed"
        )

    assert world.journey()["state"] == "waiting"
    assert world.step("mail waiting")["detail"] == "2 attempts, the mail server is not responding"

    world.prints("send_email", 1009, message="mail_sent", attempts=3, takeovers=1)

    step = world.step("mail accepted")
    assert (step["start"], step["end"], step["detail"]) == (1001, 1009, "3 attempts, taken over 1 time")


def test_holder_who_is_late_overwrites_nothing_of_its_successors() -> None:
    world = World()
    world.registered()

    world.prints("send_email", 1046, message="delivery_taken_over", attempts=2, takeovers=1)

    step = world.step("taken over")
    assert (step["outcome"], step["detail"]) == ("waiting", "2 attempts, taken over 1 time")

    world.prints("send_email", 1047, message="mail_retried", attempts=1, code="deadline_passed")

    assert world.step("taken over") == step

    world.prints("send_email", 1048, message="mail_sent", attempts=2, takeovers=1)
    for attempts in (1, 2, 3):
        world.prints("send_email", 1049, message="mail_retried", attempts=attempts, code="deadline_passed")

    assert world.step("mail accepted")["detail"] == "2 attempts, taken over 1 time"


def test_refused_mail_is_a_failure_until_it_was_put_back() -> None:
    world = World()
    world.prints("send_email", 1001, message="mail_refused", code="rcpt_550")

    assert world.journey()["state"] == "failed"
    assert world.step("mail refused")["detail"] == "the mail server refused the recipient (550)"

    world.prints("send_email", 1100, message="mail_sent", attempts=2)

    assert world.journey()["state"] == "under way"


def test_event_that_the_pusher_gave_up_is_a_failure_until_it_was_put_back_or_delivered_after_all() -> None:
    world = World()
    world.prints("send_email", 1001, message="mail_retried", code="smtp_451", attempts=2)
    given_up = {"message": "event_dead_lettered", "user_id": "", "subscription": "send-email", "attempts": 3}

    world.prints("pusher", 1002, **given_up)
    step = world.step("given up")
    assert (world.journey()["state"], step["by"]) == ("failed", "send_email")
    assert step["detail"] == "2 attempts, a dead letter after 3 pushes"

    world.journeys.put_back(["e1"], reason="on its way")
    assert (world.journey()["state"], world.step("put back")["by"]) == ("waiting", "send_email")

    world.prints("send_email", 1010, message="mail_sent", attempts=3)
    world.prints("pusher", 1011, **given_up)  # of an earlier push whose answer was lost
    assert world.journey()["state"] == "under way"


def test_event_of_nobody_known_starts_no_journey() -> None:
    world = World()

    world.prints("pusher", 1000, message="event_dead_lettered", user_id="", subscription="send-email", event_id="e2")

    assert world.journeys.newest_first() == []


def test_event_that_was_left_in_the_outbox_waits_for_the_relay() -> None:
    world = World()

    world.prints("create_user", 1000, message="event_left_to_relay", reason="PublisherUnavailableError")
    world.registered(at=1000.01)

    assert world.journey()["state"] == "waiting"
    assert world.step("in the outbox")["detail"] == "the message broker is not responding"

    world.prints("relay_outbox", 1010, message="event_relayed")

    step = world.step("published")
    assert (step["by"], step["start"], step["end"], step["outcome"]) == ("relay_outbox", 1000, 1010, "done")


def test_event_that_the_broker_refuses_is_a_failure() -> None:
    world = World()

    world.prints("relay_outbox", 1000, message="event_refused")

    assert (world.journey()["state"], world.step("not published")["detail"]) == (
        "failed",
        "the message broker rejects this event",
    )


def test_event_of_a_repeat_is_a_step_of_its_own() -> None:
    world = World()
    world.registered()

    world.prints("create_user", 1001, message="event_left_to_relay", event_id="e2")
    world.prints("relay_outbox", 1002, message="event_relayed", event_id="e2")

    published = [step["by"] for step in world.journey()["steps"] if step["name"] == "published"]
    assert published == ["create_user", "relay_outbox"]


def test_step_knows_the_document_behind_it() -> None:
    world = World()

    world.registered()
    world.prints("send_email", 1001, message="mail_sent")
    world.prints("send_email", 1002, message="mail_sent", event_id="e2")
    world.prints("relay_outbox", 1003, message="event_refused", event_id="e2")

    documents = [(step["name"], step["document"]) for step in world.journey()["steps"] if step["document"]]
    assert documents == [
        ("stored", "users/u1"),
        ("mail accepted", "deliveries/send_email.e1"),
        ("mail accepted", "deliveries/send_email.e2"),
        ("not published", "outbox/e2"),
    ]


@pytest.mark.parametrize(
    "line", ["", "Booting worker", "[]", "{}", '{"message": "user_registered"}', '{"message": 1, "user_id": "u1"}',
             '{"message": "outbox_relayed", "user_id": "u1"}', '{"message": "mail_lost", "user_id": "u1"}']
)  # fmt: skip
def test_lines_that_tell_of_no_step_are_passed_over(line: str) -> None:
    world = World()

    world.journeys.read("create_user", line)

    assert world.journeys.get("u1") is None


def test_oldest_journey_is_forgotten_when_there_are_too_many() -> None:
    world = World(capacity=2)

    for user_id in ("u1", "u2", "u3"):
        world.registered(user_id=user_id)

    assert [bool(world.journeys.get(user_id)) for user_id in ("u1", "u2", "u3")] == [False, True, True]


def test_watcher_sees_what_there_is_and_then_each_change_once() -> None:
    async def watch() -> list[list[str]]:
        world = World()
        world.registered(user_id="u1")
        with world.journeys.watched() as watcher:
            first = await watcher.changed(wait_seconds=5)
            for _ in range(3):
                world.registered(user_id="u2")
            second = await watcher.changed(wait_seconds=5)
            third = await watcher.changed(wait_seconds=0.01)
        return [[journey.user_id for journey in seen] for seen in (first, second, third)]

    assert asyncio.run(watch()) == [["u1"], ["u2"], []]


def test_watcher_who_does_not_ask_is_kept_no_more_than_the_last_changes() -> None:
    async def watch() -> list[str]:
        world = World(capacity=2)
        with world.journeys.watched() as watcher:
            for user_id in ("u1", "u2", "u1", "u3"):
                world.registered(user_id=user_id)
            return [journey.user_id for journey in await watcher.changed(wait_seconds=5)]

    assert asyncio.run(watch()) == ["u1", "u3"]


def test_watcher_is_told_that_no_more_is_to_come() -> None:
    async def watch() -> bool:
        journeys = World().journeys
        with journeys.watched() as watcher:
            journeys.end()
            assert await watcher.changed(wait_seconds=60) == []
        return watcher.over

    assert asyncio.run(watch())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("data_552", "the mail server refused the message (552)"),
        ("rcpt_550_5.4.5", "the mail server refused the recipient (550 5.4.5)"),
        ("smtp_auth_unsupported", "the mail server does not support password authentication"),
        ("sms_connection_failed", "the SMS service is not responding"),
        ("sms_deadline_passed", "the SMS service took too long"),
        ("sms_reply_lost", "the SMS service's response was lost"),
        ("twilio_21610", "the SMS service responded with error 21610"),
        ("http_502", "the SMS service responded with HTTP status 502"),
        ("unheard_of", "unheard_of"),
        ("", ""),
    ],
)
def test_code_is_said_in_words_where_it_is_known(code: str, words: str) -> None:
    assert in_words(code) == words


def test_delivery_that_was_put_back_waits_until_the_relays_copy_is_delivered() -> None:
    world = World()
    world.registered()
    world.prints("send_email", 1001, message="mail_refused", code="rcpt_550")
    world.prints("notify_admin", 1001, message="sms_retried", code="http_503")

    world.journeys.put_back({"send_email.e1"}, reason="the relay publishes it within 20 s")

    assert world.journey()["state"] == "waiting"
    assert world.step("put back")["detail"] == "the relay publishes it within 20 s"
    assert world.step("SMS waiting")["outcome"] == "waiting"  # not a part of it

    world.prints("relay_outbox", 1099, message="event_relayed")
    world.prints("send_email", 1100, message="mail_sent", attempts=2)
    world.journeys.put_back({"send_email.e1"}, reason="told late")

    assert [(name, end) for name, _, end in world.steps() if name == "published"] == [
        ("published", 1000),
        ("published", 1099),
    ]

    assert world.step("mail accepted")["outcome"] == "done"


def test_dead_letter_that_was_put_back_is_known_by_its_event() -> None:
    world = World()
    world.prints("send_email", 1001, message="mail_retried", code="smtp_connection_failed")

    world.journeys.put_back({"e1"}, reason="the relay publishes it within 20 s")

    assert world.step("put back")["outcome"] == "waiting"
