"""What the page of troubles says of dead letters."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx

from emulator.google.documents import Documents
from emulator.trouble.overview import overview

EVENT_ID = "5b9fd1a7-4a5f-4c9c-9d0f-6c0b8f6b8f0e"
ADDED = {"CloudPubSubDeadLetterSourceSubscription": "send-email", "CloudPubSubDeadLetterSourceDeliveryCount": "5"}


def test_dead_letter_says_who_gave_it_up_and_why() -> None:
    letter = {"ce-id": EVENT_ID, "ce-subject": "u1", **ADDED}

    assert dead_letters({"m1": letter}) == [
        {
            "id": EVENT_ID,
            "user_id": "u1",
            "subscriber": "send_email",
            "reason": "given up after 5 attempts: the mail server is not responding",
        }
    ]


def test_dead_letter_whose_id_is_not_an_events_is_named_by_its_message() -> None:
    [letter] = dead_letters({"m1": {"ce-id": "../an id"}})

    assert letter == {"id": "m1", "user_id": "", "subscriber": "", "reason": "given up"}


def dead_letters(letters: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """What is said of them, where Firestore knows of one delivery that failed."""

    async def look() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(firestore)) as client:
            documents = Documents(client, host="127.0.0.1:1", project="usher")
            return await overview(documents, known, subscribers={"send-email": "send_email"})

    async def known() -> Mapping[str, Mapping[str, str]]:
        return letters

    found: list[dict[str, Any]] = asyncio.run(look())["dead_letters"]
    return found


def firestore(request: httpx.Request) -> httpx.Response:
    """Counts nothing and finds nothing but the one record."""
    if request.url.path.endswith(":runAggregationQuery"):
        return httpx.Response(200, json=[{"result": {"aggregateFields": {"number": {"integerValue": "0"}}}}])
    if request.url.path.endswith(":runQuery"):
        return httpx.Response(200, json=[])
    found = [path for path in json.loads(request.content)["documents"] if path.endswith(f"/send_email.{EVENT_ID}")]
    error = {"last_error": {"stringValue": "smtp_connection_failed"}}
    return httpx.Response(200, json=[{"found": {"name": path, "fields": error}} for path in found])
