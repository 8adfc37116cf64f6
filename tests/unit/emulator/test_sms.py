import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from emulator.sms.messages_api import ACCOUNT_SID, AUTH_TOKEN, messages_api_routes
from emulator.sms.rest import sms_routes
from emulator.sms.sms_inbox import SmsFault, SmsInbox
from emulator.trouble.switches import sms_switch

FORM = {"From": "+441632960000", "To": "+441632960001", "Body": "A new user signed up"}


def call(inbox: SmsInbox, method: str, path: str, **options: Any) -> httpx.Response:
    async def request() -> httpx.Response:
        app = Starlette(routes=[*messages_api_routes(inbox), *sms_routes(inbox)])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **options)

    return asyncio.run(request())


def post(
    inbox: SmsInbox, form: dict[str, str], *, sid: str = ACCOUNT_SID, auth: tuple[str, str] = (ACCOUNT_SID, AUTH_TOKEN)
) -> httpx.Response:
    headers = {"traceparent": "00-1-2-01"}
    return call(inbox, "POST", f"/2010-04-01/Accounts/{sid}/Messages.json", data=form, auth=auth, headers=headers)


def test_accepted_sms_is_shown() -> None:
    inbox = SmsInbox()

    answer = post(inbox, FORM)

    shown = call(inbox, "GET", "/api/v1/sms").json()
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    assert shown["total"] == 1
    [sms] = shown["messages"]
    assert sms.pop("received_at")
    assert sms == {
        "sid": answer.json()["sid"],
        "from": "+441632960000",
        "to": "+441632960001",
        "body": "A new user signed up",
        "traceparent": "00-1-2-01",
    }


def test_newest_sms_is_shown_first_and_all_can_be_forgotten() -> None:
    inbox = SmsInbox()
    for number in range(2):
        post(inbox, {**FORM, "Body": f"{number}"})

    shown = call(inbox, "GET", "/api/v1/sms").json()["messages"]
    deleted = call(inbox, "DELETE", "/api/v1/sms")

    assert [sms["body"] for sms in shown] == ["1", "0"]
    assert deleted.status_code == 200
    assert call(inbox, "GET", "/api/v1/sms").json() == {"total": 0, "messages": []}


def test_only_as_many_sms_are_shown_as_are_asked_for() -> None:
    inbox = SmsInbox()
    for number in range(3):
        post(inbox, {**FORM, "Body": f"{number}"})

    shown = call(inbox, "GET", "/api/v1/sms?limit=2").json()

    assert (shown["total"], [sms["body"] for sms in shown["messages"]]) == (3, ["2", "1"])
    assert call(inbox, "GET", "/api/v1/sms?limit=-1").status_code == 400


@pytest.mark.parametrize("auth", [("AC1", AUTH_TOKEN), (ACCOUNT_SID, "wrong"), (ACCOUNT_SID, "")])
def test_wrong_credentials_are_refused(auth: tuple[str, str]) -> None:
    inbox = SmsInbox()

    answer = post(inbox, FORM, auth=auth)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }
    assert inbox.newest_first() == []


def test_other_account_is_not_found() -> None:
    answer = post(SmsInbox(), FORM, sid="AC1")

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"To": "441632960001"}, 21211),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
    ],
)
def test_what_twilio_does_not_send_is_refused_with_its_code(changes: dict[str, str], code: int) -> None:
    inbox = SmsInbox()

    answer = post(inbox, {**FORM, **changes})

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert inbox.newest_first() == []


@pytest.mark.parametrize(
    ("position", "status", "code", "retry_after"),
    [("busy", 429, 20429, "1"), ("down", 503, 20503, None), ("refusing", 400, 21617, None)],
)
def test_service_misbehaves_on_demand_until_it_is_up_again(
    position: str, status: int, code: int, retry_after: str | None
) -> None:
    inbox = SmsInbox()
    switch = sms_switch(inbox)

    asyncio.run(switch.put(position))
    answer = post(inbox, FORM)
    asyncio.run(switch.put("up"))

    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after)
    assert (answer.json()["status"], answer.json()["code"]) == (status, code)
    assert post(inbox, FORM).status_code == 201


def test_switch_knows_every_fault() -> None:
    assert len(sms_switch(SmsInbox()).positions) == 1 + len(SmsFault)
