"""Whose the journeys are, and the documents behind their steps."""

import asyncio
import json
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from emulator.google.documents import Documents
from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.journeys.journeys import Journeys
from emulator.ui.journey_routes import journey_routes
from emulator.ui.people import People

IDS_CUT_OFF = ("0b8f4e2c", "c965b961", "0b8f4e2")


def test_record_of_a_requests_mail_can_be_opened() -> None:
    journeys = Journeys(("send_email",))
    for event_id in ("e1", "e2"):
        journeys.read("send_email", json.dumps({"message": "mail_sent", "user_id": "u1", "event_id": event_id}))

    found = documents_of(journeys)

    assert found.keys() >= {"users/u1", "deliveries/send_email.e1", "deliveries/send_email.e2"}


def test_stream_begins_with_all_the_journeys_there_are() -> None:
    journeys = Journeys(("send_email",))
    users = {f"u{number}" for number in range(201)}  # more than one message holds
    for user_id in users:
        journeys.read("send_email", json.dumps({"message": "mail_sent", "user_id": user_id, "event_id": "e1"}))

    assert first_streamed(journeys, len(users)) == users


def first_streamed(journeys: Journeys, count: int) -> set[str]:
    """The first users that the stream tells of."""

    async def read() -> set[str]:
        users: set[str] = set()
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(503))) as client:
            documents = Documents(client, host="127.0.0.1:1", project="usher")
            routes = journey_routes(journeys, documents, People(journeys, documents, Mailbox()))
            [route] = [each for each in routes if isinstance(each, Route) and each.path == "/api/journeys"]
            async with asyncio.timeout(5):
                async for message in (await route.endpoint(None)).body_iterator:
                    if message.startswith("data: ["):
                        users |= {journey["user_id"] for journey in json.loads(message.removeprefix("data: "))}
                    if len(users) >= count:
                        break
        return users

    return asyncio.run(read())


@pytest.mark.parametrize("who", ["u1", "e1", "EWAN@bücher.de", "ewan@xn--bcher-kva.de"])
def test_journey_is_found_by_address_event_and_user(who: str) -> None:
    journeys = Journeys(("send_email",))
    for user_id, event_id in (("u1", "e1"), ("u2", "e2")):
        journeys.read("create_user", json.dumps({"message": "mail_sent", "user_id": user_id, "event_id": event_id}))

    found = answer_of(journeys, "/api/journey", {"of": who}).json()

    assert (found["user_id"], found["email"]) == ("u1", "ewan@bücher.de")


def test_journey_is_found_by_as_much_of_an_id_as_the_terminal_shows() -> None:
    journeys = Journeys(("send_email",))
    for user_id in ("c965b961-57da", "c965b961-1111", "0b8f4e2c-6a53"):
        journeys.read("create_user", json.dumps({"message": "mail_sent", "user_id": user_id, "event_id": "e1"}))

    found, ambiguous, too_short = (answer_of(journeys, "/api/journey", {"of": who}) for who in IDS_CUT_OFF)

    assert found.json()["user_id"] == "0b8f4e2c-6a53"
    assert (ambiguous.status_code, too_short.status_code) == (409, 404)
    assert ambiguous.text == "2 sign-ups have an ID that begins with c965b961: pass more of it"


@pytest.mark.parametrize("who", ["", "u3", "nobody@example.com"])
def test_sign_up_that_was_not_seen_is_not_found(who: str) -> None:
    journeys = Journeys(("send_email",))
    journeys.read("create_user", json.dumps({"message": "mail_sent", "user_id": "u1"}))

    answer = answer_of(journeys, "/api/journey", {"of": who})

    assert (answer.status_code, answer.text) == (404, f"No sign-up of {who} has been seen since the stack started")


@pytest.mark.parametrize("who", ["u1", "subject", "request", "e1", "ewan@bücher.de"])
def test_request_and_sign_up_are_found_as_one_by_the_address_that_the_mail_went_to(who: str) -> None:
    journeys, mailbox = Journeys(("send_email",)), Mailbox()
    for user_id, event_id, message in (("subject", "request", "sign_up_requested"), ("u1", "e1", "user_registered")):
        journeys.read("create_user", json.dumps({"message": message, "user_id": user_id, "event_id": event_id}))
    for event_id, recipient in (("another", "zoe@example.com"), ("request", "ewan@xn--bcher-kva.de")):
        raw = f"Message-ID: <{event_id}@usher.example>\r\n\r\n".encode()
        mailbox.add(ReceivedMail("", [recipient], raw))

    found = answer_of(journeys, "/api/journey", {"of": who}, mailbox=mailbox).json()

    assert (found["user_id"], found["former_ids"], found["email"]) == ("u1", ["subject"], "ewan@bücher.de")
    assert answer_of(journeys, "/api/journeys/subject").json()["user_id"] == "u1"


def test_address_of_a_request_is_shown_as_people_type_it() -> None:
    journeys, mailbox = Journeys(("send_email",)), Mailbox()
    journeys.read(
        "create_user", json.dumps({"message": "sign_up_requested", "user_id": "subject", "event_id": "request"})
    )
    mailbox.add(ReceivedMail("", ["ewan@xn--bcher-kva.de"], b"Message-ID: <request@usher.example>\r\n\r\n"))

    assert answer_of(journeys, "/api/journeys/subject", mailbox=mailbox).json()["email"] == "ewan@bücher.de"


def documents_of(journeys: Journeys) -> dict[str, object]:
    """What is shown of u1, whose event is e1, where Firestore has every document that it is asked for."""
    found: dict[str, object] = answer_of(journeys, "/api/journeys/u1/documents").raise_for_status().json()
    return found


def answer_of(
    journeys: Journeys, path: str, query: Mapping[str, str] = {}, *, mailbox: Mailbox | None = None
) -> httpx.Response:
    def firestore(request: httpx.Request) -> httpx.Response:
        names = json.loads(request.content)["documents"]
        found = [{"name": name, "fields": fields_of(name)} for name in names if "/subject" not in name]
        return httpx.Response(200, json=[{"found": each} for each in found])

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.MockTransport(firestore)) as client:
            documents = Documents(client, host="127.0.0.1:1", project="usher")
            people = People(journeys, documents, mailbox or Mailbox())
            app = Starlette(routes=journey_routes(journeys, documents, people))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as browser:
                return await browser.get(path, params=query)

    return asyncio.run(ask())


def fields_of(document: str) -> dict[str, object]:
    email = "ewan@bücher.de" if document.endswith("/u1") else "other@example.com"
    return {"event_id": {"stringValue": "e1"}, "email": {"stringValue": email}}
