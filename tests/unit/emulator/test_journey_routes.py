"""The documents behind a journey's steps."""

import asyncio
import json

import httpx
from starlette.applications import Starlette

from emulator.google.documents import Documents
from emulator.journeys.journeys import Journeys
from emulator.ui.journey_routes import journey_routes


def test_record_of_a_concealed_repeats_mail_can_be_opened() -> None:
    journeys = Journeys(("send_email",))
    for event_id in ("e1", "e2"):
        journeys.read("send_email", json.dumps({"message": "mail_sent", "user_id": "u1", "event_id": event_id}))

    found = documents_of(journeys)

    assert found.keys() >= {"users/u1", "deliveries/send_email.e1", "deliveries/send_email.e2"}


def documents_of(journeys: Journeys) -> dict[str, object]:
    """What is shown of u1, whose event is e1, where Firestore has every document that it is asked for."""

    def firestore(request: httpx.Request) -> httpx.Response:
        fields = {"event_id": {"stringValue": "e1"}}
        names = json.loads(request.content)["documents"]
        return httpx.Response(200, json=[{"found": {"name": name, "fields": fields}} for name in names])

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.MockTransport(firestore)) as client:
            documents = Documents(client, host="127.0.0.1:1", project="usher")
            app = Starlette(routes=journey_routes(journeys, documents))
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as browser:
                return await browser.get("/api/journeys/u1/documents")

    found: dict[str, object] = asyncio.run(ask()).raise_for_status().json()
    return found
