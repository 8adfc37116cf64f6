"""What the page of troubles says of what was given up, and of whom."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from emulator.google.documents import Documents
from emulator.trouble.overview import overview

EVENT_ID = "5b9fd1a7-4a5f-4c9c-9d0f-6c0b8f6b8f0e"
USER_ID = "0c6a0f0e-2f6e-4c53-9f3c-3b8f1b1d9a11"
EWAN = {"user_id": USER_ID, "name": "Ewan", "email": "ewan@example.com"}
CREATED_AT = "2026-11-29T12:00:00.000001Z"
NOBODY = {"name": "", "email": ""}
ADDED = {"CloudPubSubDeadLetterSourceSubscription": "send-email", "CloudPubSubDeadLetterSourceDeliveryCount": "5"}


def test_dead_letter_says_whose_it_is_who_gave_it_up_and_why() -> None:
    letter = {"ce-id": EVENT_ID, "ce-subject": USER_ID, **ADDED}

    [shown] = seen({"m1": letter})["dead_letters"]

    reason = "given up after 5 attempts: the mail server is not responding"
    assert shown == {"id": EVENT_ID, "subscriber": "send_email", "reason": reason, **EWAN}


def test_dead_letter_whose_ids_are_not_ours_is_named_by_its_message() -> None:
    [letter] = seen({"m1": {"ce-id": "../an id", "ce-subject": "../users"}})["dead_letters"]

    assert letter == {"id": "m1", "user_id": "../users", "subscriber": "", "reason": "given up", **NOBODY}


def test_refused_mail_and_rejected_event_say_whose_they_are() -> None:
    found = seen(
        {},
        deliveries={f"send_email.{EVENT_ID}": {"user_id": USER_ID}},
        malformed_events={
            "whole": {"attributes": json.dumps({"ce-subject": USER_ID})},
            "truncated": {"attributes": '{"ce-subject": "0c6a'},
        },
    )

    [refused] = found["undeliverable"]
    whole, truncated = found["malformed"]
    assert EWAN.items() <= refused.items()
    assert EWAN.items() <= whole.items()
    assert NOBODY.items() <= truncated.items()


def test_entry_waits_since_firestore_has_it_whatever_the_clock_of_its_instance_said() -> None:
    [waiting] = seen({}, outbox={EVENT_ID: {"user_id": USER_ID, "occurred_at": "2026-11-30T12:00:00Z"}})["outbox"]

    assert waiting == {"id": EVENT_ID, "since": CREATED_AT, **EWAN}


def test_entry_of_a_request_says_its_address_though_there_is_no_user() -> None:
    subject = str(uuid4())

    [waiting] = seen({}, outbox={EVENT_ID: {"user_id": subject, "email": "zoe@example.com"}})["outbox"]

    assert (waiting["user_id"], waiting["name"], waiting["email"]) == (subject, "", "zoe@example.com")


def seen(letters: Mapping[str, Mapping[str, str]], **collections: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The overview where Firestore has one user, one delivery that failed and these documents."""

    def firestore(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if request.url.path.endswith(":runAggregationQuery"):
            return httpx.Response(200, json=[{"result": {"aggregateFields": {"number": {"integerValue": "0"}}}}])
        if request.url.path.endswith(":runQuery"):
            collection = asked["structuredQuery"]["from"][0]["collectionId"]
            stored = collections.get(collection, {}).items()
            documents = [{"document": document(f"{collection}/{name}", has)} for name, has in stored]
            return httpx.Response(200, json=documents)
        assert all(".." not in path for path in asked["documents"])
        existing = {
            f"/users/{USER_ID}": {"name": "Ewan", "email": "ewan@example.com"},
            f"/send_email.{EVENT_ID}": {"last_error": "smtp_connection_failed"},
        }
        found = [
            {"found": document(path.partition("/documents/")[2], has)}
            for path in asked["documents"]
            for end, has in existing.items()
            if path.endswith(end)
        ]
        return httpx.Response(200, json=found)

    async def look() -> dict[str, Any]:
        async with httpx.AsyncClient(transport=httpx.MockTransport(firestore)) as client:
            documents = Documents(client, host="127.0.0.1:1", project="usher")
            return await overview(documents, known, subscribers={"send-email": "send_email"})

    async def known() -> Mapping[str, Mapping[str, str]]:
        return letters

    return asyncio.run(look())


def document(path: str, fields: Mapping[str, str]) -> dict[str, Any]:
    times = {"createTime": CREATED_AT, "updateTime": "2026-11-29T12:30:00Z"}
    typed = {name: {"stringValue": value} for name, value in fields.items()}
    return {"name": f"projects/usher/databases/(default)/documents/{path}", "fields": typed, **times}
