"""Requests for a link, and the sign-up that one of them leads to, are one journey."""

from tests.unit.emulator.journey_world import REGISTERED, World


def test_request_is_under_way_until_its_mail_is_accepted_and_then_up_to_a_person() -> None:
    world = World()
    states = []

    world.requested(at=1000, user_id="s1", event_id="r1")
    states.append(world.journey("s1")["state"])
    world.prints("send_email", 1001, message="mail_sent", user_id="s1", event_id="r1", act_ms=100)
    states.append(world.journey("s1")["state"])
    world.now = 1060
    world.journeys.open_link("r1")
    world.now = 1070
    world.journeys.open_link("r1")
    world.journeys.open_link("of another program's mail")
    states.append(world.journey("s1")["state"])

    assert states == ["under way", "link mailed", "link opened"]
    steps = world.journey("s1")["steps"]
    assert [(step["name"], step["end"]) for step in steps] == [
        ("link requested", 1000),
        ("published", 1000),
        ("pushed", 1000.9),
        ("mail accepted", 1001),
        ("link opened", 1060),
    ]
    assert not any(step["is_of_user"] for step in steps)


def test_journey_begins_with_the_request_though_its_line_is_read_after_that_of_its_mail() -> None:
    world = World()

    world.prints("send_email", 1000, message="mail_sent", user_id="s1", event_id="r1", act_ms=10)
    world.requested(at=1000.01, user_id="s1", event_id="r1", look_up_ms=20, store_ms=10, publish_ms=30)

    steps = [(step["name"], round(step["start"], 3), round(step["end"], 3)) for step in world.journey("s1")["steps"]]
    assert steps[:2] == [("link requested", 999.95, 999.98), ("published", 999.98, 1000.01)]
    assert [name for name, *_ in steps[2:]] == ["pushed", "mail accepted"]


def test_requests_of_an_address_and_its_sign_up_become_one_journey() -> None:
    world = World()
    for subject, event_id in (("s1", "r1"), ("s2", "r2")):
        world.requested(at=990, user_id=subject, event_id=event_id)
        world.prints("send_email", 991, message="mail_sent", user_id=subject, event_id=event_id)
    world.registered(at=1000)
    for user_id, name, email in (
        ("s1", "", "ewan@xn--bcher-kva.de"),
        ("s2", "", "EWAN@BÜCHER.DE"),
        ("u1", "Ewan", "ewan@bücher.de"),
    ):
        found = world.journeys.get(user_id)
        assert found
        found.name, found.email = name, email

    world.journeys.join()

    [journey] = world.journeys.newest_first()
    assert [world.journeys.get(each) for each in ("s1", "s2", "r1", "r2", "u1", "e1")] == [journey] * 6
    assert (world.journey()["event_id"], world.journey()["former_ids"]) == ("e1", ["s1", "s2"])
    assert (world.step("link opened")["by"], world.step("link opened")["end"]) == ("create_user", 999.74)
    assert world.journey()["state"] == "under way"  # the mails of the requests are not the welcome mail

    world.prints("send_email", 1001, message="mail_sent")
    world.prints("notify_admin", 1001, message="sms_sent")
    assert world.journey()["state"] == "complete"

    world.prints("send_email", 1002, message="mail_retried", user_id="s1", event_id="r3")
    assert world.journey()["state"] == "waiting"


def test_request_for_a_taken_address_is_a_step_of_its_users_journey() -> None:
    world = World()
    world.registered()
    world.prints("send_email", 1001, message="mail_sent")
    world.prints("notify_admin", 1001, message="sms_sent")

    world.requested(at=1002, user_id="u1", event_id="r1")
    world.prints("send_email", 1003, message="mail_sent", event_id="r1")

    assert world.step("link requested")["end"] == 1002
    assert (world.journey()["event_id"], world.journey()["state"]) == ("e1", "complete")


def test_note_to_a_user_who_signed_up_before_the_stack_started_is_a_complete_journey() -> None:
    world = World()
    world.prints("create_user", 1000, message="event_left_to_relay", event_id="r1")
    world.requested(at=1000, user_id="u1", event_id="r1")
    world.prints("send_email", 1001, message="mail_sent", event_id="r1")
    found = world.journeys.get("u1")
    assert found
    found.name, found.email = "Ewan", "ewan@example.com"

    world.journeys.join()
    world.prints("relay_outbox", 1002, message="event_relayed", event_id="r1")

    assert world.journey()["state"] == "complete"


def test_repeat_that_was_found_before_the_hash_stores_nothing_again() -> None:
    world = World()
    world.registered(at=1000)

    repeat = {name: value for name, value in REGISTERED.items() if name not in {"hash_ms", "store_ms"}}
    world.prints("create_user", 1060, **repeat)

    assert (world.step("stored")["end"], world.step("request")["detail"]) == (999.98, "2 attempts")
