"""A canary signs up, is followed until its mail is sent, and leaves nothing behind, however it ends."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from deploy.canary import Canary, CanaryFailedError, address_of_a_run
from deploy.cloud import Cloud
from deploy.records import Records
from shared.runtime.versioned_secrets import VersionedSecrets
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_usher import SENT, FakeUsher, problem
from tests.unit.deploy.plans import PROJECT

ADDRESS = "ops+usher-abc@example.com"
SOMEBODY = {
    "users/other": {"email": "ops@example.com", "event_id": "another"},
    "email_reservations/other": {"user_id": "other"},
}
KEYS = VersionedSecrets.parse(f"1:{32 * 'o'}\n2:{32 * 'n'}")
RELEASED = {"state": "released", "last_error": "smtp_451"}
REFUSED = {"state": "undeliverable", "last_error": "smtp_550"}


def fly(usher: FakeUsher, *subscribers: str) -> str:
    """What is left behind."""
    usher.documents |= SOMEBODY
    with httpx.Client(transport=usher.transport()) as client:
        records = Records(Cloud(PROJECT, client))
        canary = Canary(ADDRESS, records, subscribers or ("send_email",), usher.link_keys, ["send_email"])
        try:
            canary.fly(client, "https://canary---create-user.example")
        finally:
            left = canary.clear_away()
    return left


def test_canary_that_arrives_is_deleted_at_the_versions_that_were_read(clock: Clock) -> None:
    usher = FakeUsher(deliveries={"send_email": SENT, "notify_admin": SENT})

    left = fly(usher, "send_email", "notify_admin")

    assert left == ""
    assert [write["currentDocument"] for write in usher.deletes] == [{"updateTime": "version of new"}] * 2
    assert set(usher.documents) == {*SOMEBODY, "deliveries/send_email.an-event", "deliveries/notify_admin.an-event"}
    assert clock.pauses == []


def silent(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("no route")


@pytest.mark.parametrize(
    ("usher", "seen", "waited"),
    [
        ({"sign_up": lambda _: problem(422, "weak-password")}, "sign-up got 422 weak-password", 0),
        ({"sign_up": lambda _: problem(503, "unavailable")}, "sign-up got 503 unavailable", 60),
        ({"sign_up": lambda _: httpx.Response(403, text="<html>")}, "sign-up got 403, not from create_user itself", 0),
        ({"sign_up": silent}, r"sign-up got no response \(ConnectTimeout\)", 70),
        ({"stored": ("email_reservations",)}, "accepted, but its user is not stored", 0),
        ({"stored": ("users",)}, "accepted, but its reservation is not stored", 0),
        ({"deliveries": {"send_email": REFUSED}}, "send_email: undeliverable smtp_550", 0),
        ({"deliveries": {"send_email": RELEASED}}, "send_email: released smtp_451", 180),
        ({"deliveries": {}, "in_outbox": True}, "its event is still in the outbox, send_email: no delivery yet", 180),
    ],
)
def test_canary_that_fails_says_what_was_seen_and_is_deleted(
    usher: dict[str, Any], seen: str, waited: int, clock: Clock
) -> None:
    google = FakeUsher(**usher)

    with pytest.raises(CanaryFailedError, match=seen):
        fly(google)

    assert [path for path in google.documents if path.startswith("users/")] == ["users/other"]
    assert waited <= clock.monotonic() <= waited + 2


def test_one_of_two_subscribers_is_not_enough(clock: Clock) -> None:
    with pytest.raises(CanaryFailedError, match="send_email: sent, notify_admin: no delivery yet"):
        fly(FakeUsher(), "send_email", "notify_admin")

    assert clock.monotonic() > 180


@pytest.mark.usefixtures("clock")
def test_sign_up_whose_outcome_is_unknown_is_repeated_under_its_key() -> None:
    answers: list[Callable[[httpx.Request], httpx.Response | None]] = [silent, lambda _: problem(503, "unavailable")]
    usher = FakeUsher(sign_up=lambda request: answers.pop()(request) if answers else None)

    fly(usher)

    keys = [request.headers["Idempotency-Key"] for request in usher.requests if "create-user" in request.url.host]
    assert len(keys) == 3
    assert len(set(keys)) == 1


@pytest.mark.usefixtures("clock")
def test_where_the_mailbox_comes_first_a_link_is_mailed_and_its_token_signs_up() -> None:
    usher = FakeUsher(link_keys=KEYS, deliveries={"send_email": SENT, "notify_admin": SENT})

    assert fly(usher, "send_email", "notify_admin") == ""

    posts = [request for request in usher.requests if "create-user" in request.url.host]
    assert [request.url.path for request in posts] == ["/sign-ups", "/"]
    assert json.loads(posts[0].content) == {"email": ADDRESS}
    assert set(json.loads(posts[1].content)) == {"token", "name", "password"}
    assert {path for path in usher.documents if not path.startswith("deliveries/")} == set(SOMEBODY)
    assert len(usher.deletes) == 4


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("usher", "seen"),
    [
        ({"sign_up": lambda _: problem(503, "overloaded")}, "sign-up got 503 overloaded"),
        ({"stored": ()}, "the canary's request was accepted, but no mail to it is counted"),
        (
            {"of_request": {"send_email": REFUSED}},
            "the canary's request was stored, send_email: undeliverable smtp_550",
        ),
        ({"of_request": {}}, "the canary's request was stored, send_email: no delivery yet"),
        ({"stored": ("sign_up_requests",)}, "the canary's sign-up was accepted, but its user is not stored"),
    ],
)
def test_link_that_is_not_mailed_or_signs_nobody_up_is_said(usher: dict[str, Any], seen: str) -> None:
    google = FakeUsher(link_keys=KEYS, **usher)

    with pytest.raises(CanaryFailedError, match=seen):
        fly(google)

    assert {path for path in google.documents if not path.startswith("deliveries/")} == set(SOMEBODY)


@pytest.mark.parametrize("link_keys", [None, KEYS], ids=["open", "mailbox first"])
def test_sign_up_that_is_stored_after_it_was_interrupted_is_deleted(
    link_keys: VersionedSecrets | None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    usher = FakeUsher(link_keys=link_keys)

    def interrupted(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/sign-ups":
            return None

        def stored_meanwhile(seconds: float) -> None:
            clock.pauses.append(seconds)
            usher.sign_up = lambda _: None
            usher.transport().handler(request)

        monkeypatch.setattr(clock, "sleep", stored_meanwhile)
        raise KeyboardInterrupt

    usher.sign_up = interrupted

    with pytest.raises(KeyboardInterrupt):
        fly(usher)

    assert clock.pauses == [2]
    assert {path for path in usher.documents if not path.startswith("deliveries/")} == set(SOMEBODY)


def test_canary_that_was_changed_meanwhile_stays_and_is_named() -> None:
    usher = FakeUsher(refuses_deletes=True)

    left = fly(usher)

    assert ADDRESS in left
    assert "FAILED_PRECONDITION" in left
    assert "users/new" in usher.documents


def test_each_run_signs_up_an_address_of_its_own_in_the_same_mailbox() -> None:
    addresses = {address_of_a_run("ops@example.com", "3fa85f64d2b1-1-a1b2c3") for _ in range(5)}

    assert len(addresses) > 1
    assert all(one.startswith("ops+usher-3fa85f64d2b1-1-a1b2c3-") for one in addresses)
    assert all(one.endswith("@example.com") for one in addresses)
