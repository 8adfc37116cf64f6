"""The journeys for the browser: live, one by one, and with the documents behind their steps."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import BaseRoute, Route

from emulator.google.documents import Documents, Fields
from emulator.inbox.addresses import comparable
from emulator.journeys.journey import Journey
from emulator.journeys.journeys import Journeys
from emulator.ui.people import People
from shared.contract.documents import DELIVERIES, OUTBOX, USERS, delivery_id
from shared.events.user_created import UserCreated

_BATCH_SECONDS = 0.15
_MOST_IN_A_BATCH = 200
_HEARTBEAT_SECONDS = 15
_SHORT_ID = 8  # characters of it: what the terminal shows
_EVENT_FIELDS = ("event_id", "name", "company", "email")


def journey_routes(journeys: Journeys, documents: Documents, people: People) -> list[BaseRoute]:
    async def stream(_: Request) -> StreamingResponse:
        """Server-sent events: first the journeys there are, then those that change, several times a second at most."""
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_batches(journeys, people), headers=headers, media_type="text/event-stream")

    async def show(request: Request) -> JSONResponse:
        await _recognized(journeys.newest_first(), people)
        return JSONResponse(_journey(journeys, request).as_json(journeys.subscribers))

    async def find(request: Request) -> JSONResponse:
        """By a user's address or ID, or an event's ID."""
        journey = await _found(journeys, people, request.query_params.get("of", ""))
        return JSONResponse(journey.as_json(journeys.subscribers))

    async def show_documents(request: Request) -> JSONResponse:
        journey = _journey(journeys, request)
        return JSONResponse(await _documents(journey, documents, journeys.subscribers))

    return [
        Route("/api/journey", find),
        Route("/api/journeys", stream),
        Route("/api/journeys/{user_id}", show),
        Route("/api/journeys/{user_id}/documents", show_documents),
    ]


def _journey(journeys: Journeys, request: Request) -> Journey:
    if journey := journeys.get(request.path_params["user_id"]):
        return journey
    raise HTTPException(404, "No sign-up of this user has been seen since the stack started")


async def _found(journeys: Journeys, people: People, who: str) -> Journey:
    try:
        await people.recognize(journeys.newest_first())
    except httpx.HTTPError as error:
        if "@" in who:
            raise HTTPException(503, "Firestore is not responding: pass the ID of the user or the event") from error
    wanted = comparable(who)
    found = [journey for journey in journeys.newest_first() if wanted and _is_of(journey, wanted)]
    if len(found) > 1:
        raise HTTPException(409, f"{len(found)} sign-ups have an ID that begins with {who}: pass more of it")
    if not found:
        raise HTTPException(404, f"No sign-up of {who} has been seen since the stack started")
    return found[0]


def _is_of(journey: Journey, wanted: str) -> bool:
    """Whether it is an address, or an ID or as much of one as the terminal shows."""
    is_short_id = len(wanted) >= _SHORT_ID and any(each.startswith(wanted) for each in journey.ids)
    return wanted in {*journey.ids, comparable(journey.email)} or is_short_id


async def _batches(journeys: Journeys, people: People) -> AsyncIterator[str]:
    with journeys.watched() as watcher:
        yield "retry: 1000\nevent: start\ndata: {}\n\n"
        while not watcher.over:
            changed = await watcher.changed(wait_seconds=_HEARTBEAT_SECONDS)
            for start in range(0, len(changed), _MOST_IN_A_BATCH):
                batch = await _recognized(changed[start : start + _MOST_IN_A_BATCH], people)
                yield f"data: {json.dumps([journey.as_json(journeys.subscribers) for journey in batch])}\n\n"
                await asyncio.sleep(_BATCH_SECONDS)
            if not changed:
                yield ": still here\n\n"


async def _recognized(some: Collection[Journey], people: People) -> Collection[Journey]:
    try:
        return await people.recognize(some)
    except httpx.HTTPError:
        return some  # without names


async def _documents(journey: Journey, documents: Documents, subscribers: Collection[str]) -> dict[str, Fields]:
    """What Firestore holds of the journey by path, and the event as it is made of the user."""
    user = f"{USERS}/{journey.user_id}"
    try:
        found = await documents.get({user, *(step.document for step in journey.in_order() if step.document)})
        if event_id := str(found.get(user, {}).get("event_id", "")):
            records = [f"{DELIVERIES}/{delivery_id(subscriber, event_id)}" for subscriber in sorted(subscribers)]
            found |= await documents.get([f"{OUTBOX}/{event_id}", *records])
    except httpx.HTTPError as error:
        raise HTTPException(503, "Firestore is not responding") from error
    if user not in found:
        return found
    event = {name: found[user].get(name) for name in _EVENT_FIELDS}
    return found | {
        f"event {UserCreated.type}": event | {"user_id": journey.user_id, "occurred_at": found[user].get("created_at")}
    }
