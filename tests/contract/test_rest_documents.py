"""What the stack reads of Firestore's REST API: the clock of its documents is the one that the functions go by."""

import asyncio
from datetime import datetime

import httpx
from google.cloud.firestore import Client

from emulator.google.documents import CREATED, WRITTEN, Documents


def test_found_document_says_when_it_was_created_and_last_written(
    firestore_client: Client, firestore_host: str
) -> None:
    document = firestore_client.document("outbox/an-event")
    document.create({"user_id": "ewan"})
    document.update({"put_id": "another"})
    stored = document.get()

    async def find() -> dict[str, dict[str, object]]:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await Documents(client, host=firestore_host, project=firestore_client.project).find(
                "outbox", limit=5
            )

    [found] = asyncio.run(find()).values()

    times = [datetime.fromisoformat(str(found.pop(name))) for name in (CREATED, WRITTEN)]
    assert times == [stored.create_time, stored.update_time]
    assert found == {"user_id": "ewan", "put_id": "another"}
