"""
Cloud Monitoring, as far as it tells of subscriptions' backlogs.

The Pub/Sub emulator keeps no figures. What is said of a subscription is inferred: the emulator pushes an event that was
not acknowledged again every second, so a subscriber that responds, has nothing under way and has printed nothing for
some seconds has nothing left. Of one that is busy, paused or down, nothing is said.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from emulator.broker import PUBLISHED_AT, DeadLetters
from emulator.google.documents import WRITTEN, Documents, Fields
from shared.contract.delivery_state import LEASE_SECONDS_UNSAID, DeliveryState
from shared.contract.documents import DELIVERIES

_MOST = 300


def monitoring_routes(
    documents: Documents,
    dead_letters: Callable[[], Awaitable[DeadLetters | None]],
    *,
    dead_letter_subscription: str,
    subscribers: Mapping[str, str],
    is_quiet: Callable[[str], bool],
) -> list[BaseRoute]:
    """The query for time series. `subscribers` are functions by their subscription; `is_quiet` takes a function."""

    async def time_series(request: Request) -> JSONResponse:
        is_age = "oldest_unacked_message_age" in request.query_params.get("filter", "")
        # The time that was asked for: each series has its point there, so that they belong together.
        end = request.query_params.get("interval.endTime", "")
        try:
            found = await backlogs_at(datetime.fromisoformat(end))
        except httpx.HTTPError:
            return JSONResponse({"error": {"code": 503, "status": "UNAVAILABLE"}}, 503)
        except ValueError:
            return JSONResponse({"error": {"code": 400, "status": "INVALID_ARGUMENT"}}, 400)
        series = [_series(name, end, age if is_age else count) for name, (count, age) in found.items()]
        return JSONResponse({"timeSeries": series})

    async def backlogs_at(now: datetime) -> dict[str, tuple[int, int]]:
        """How many messages, and the age of the oldest in seconds."""
        backlogs = {}
        letters = await dead_letters()
        if letters is not None:
            published = [datetime.fromisoformat(letter[PUBLISHED_AT]) for letter in letters.values()]
            oldest = min(published, default=now)
            backlogs[dead_letter_subscription] = len(letters), max(round((now - oldest).total_seconds()), 0)
        claims = await documents.find(DELIVERIES, state=DeliveryState.SENDING, limit=_MOST)
        busy = {path.rpartition("/")[2].partition(".")[0] for path, claim in claims.items() if _is_held(claim, now)}
        idle = [subscription for subscription, name in subscribers.items() if name not in busy and is_quiet(name)]
        return backlogs | dict.fromkeys(idle, (0, 0))

    return [Route("/v3/projects/{project}/timeSeries", time_series)]


def _is_held(claim: Fields, now: datetime) -> bool:
    age = now - datetime.fromisoformat(str(claim[WRITTEN]))
    return age.total_seconds() < float(str(claim.get("lease_seconds", LEASE_SECONDS_UNSAID)))


def _series(subscription: str, end: str, value: int) -> dict[str, object]:
    point = {"interval": {"endTime": end}, "value": {"int64Value": str(value)}}
    return {"resource": {"labels": {"subscription_id": subscription}}, "points": [point]}
