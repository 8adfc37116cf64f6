"""Calls the relay on a schedule, as Cloud Scheduler does in the cloud."""

import asyncio
from collections.abc import Callable

import httpx


async def call_on_schedule(
    url: str, *, every_seconds: float, timeout_seconds: float, client: httpx.AsyncClient, say: Callable[[str], None]
) -> None:
    """
    POST to the relay at `url` again and again, until cancelled.

    Tells only what is news: that entries were relayed, or that the relay failed twice in a row.
    """
    failures = 0
    while True:
        await asyncio.sleep(every_seconds)
        try:
            response = await client.post(url, timeout=timeout_seconds)
            response.raise_for_status()
            outcome = response.json()
        except (httpx.HTTPError, ValueError) as error:
            failures += 1
            if failures == 2:  # noqa: PLR2004  once is a restart, twice is news; a third time is not
                say(f"The relay failed twice in a row: {type(error).__name__} from {url}; it will be called again")
        else:
            failures = 0
            if outcome["relayed"]:
                say(f"The relay published {outcome['relayed']} waiting events; {outcome['remaining']} remain")
