"""Looks at the dead letters on the Pub/Sub emulator without taking them."""

from collections.abc import Mapping

import httpx

from emulator.broker import MOST_DEAD_LETTERS, PUBLISHED_AT

_TIMEOUT_SECONDS = 2


async def dead_letters(
    client: httpx.AsyncClient, *, host: str, project: str, subscription: str
) -> dict[str, Mapping[str, str]]:
    """
    The attributes of the dead letters by message id, at most 50; and as one of them when each was published.

    Each is handed back at once; a redrive in the same instant may miss it.

    Raises:
        httpx.HTTPError: The emulator does not answer.
    """
    url = f"http://{host}/v1/projects/{project}/subscriptions/{subscription}"
    request = {"maxMessages": MOST_DEAD_LETTERS, "returnImmediately": True}
    answer = await client.post(f"{url}:pull", json=request, timeout=_TIMEOUT_SECONDS)
    letters = answer.raise_for_status().json().get("receivedMessages", [])
    if letters:
        handed_back = {"ackIds": [letter["ackId"] for letter in letters], "ackDeadlineSeconds": 0}
        await client.post(f"{url}:modifyAckDeadline", json=handed_back, timeout=_TIMEOUT_SECONDS)
    messages = [letter["message"] for letter in letters]
    return {
        message["messageId"]: {**message.get("attributes", {}), PUBLISHED_AT: message[PUBLISHED_AT]}
        for message in messages
    }
