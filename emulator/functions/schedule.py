"""Calls functions on a schedule, as Cloud Scheduler does in the cloud."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx


async def call_on_schedule(
    name: str,
    url: str,
    *,
    every_seconds: float,
    timeout_seconds: float,
    client: httpx.AsyncClient,
    say: Callable[[str], None],
) -> None:
    """
    POST to the function called `name` at `url` again and again, until cancelled.

    Tells only what is news: that the relay published something, that a promise is not kept, or that the function failed
    twice in a row.
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
                say(f"{name} failed twice in a row: {type(error).__name__} from {url}; it will be called again")
        else:
            failures = 0
            for news in _news(outcome):
                say(news)


def _news(outcome: Mapping[str, Any]) -> Iterator[str]:
    if outcome.get("relayed"):
        yield f"The relay published {outcome['relayed']} waiting events; {outcome['remaining']} remain"
    if outcome.get("status"):
        yield "\n".join(["The audit of the stored data:", *(f"  {line}" for line in outcome["report"])])
