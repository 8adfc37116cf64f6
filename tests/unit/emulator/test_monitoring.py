"""What the stack says in Cloud Monitoring's place, as the audit's own client of it reads it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import httpx
import pytest
from requests import Response, Session
from starlette.applications import Starlette

from audit.monitoring_messages import MonitoringMessages
from audit.records import Backlog, Subscriber
from audit.settings import Settings, Subscribers
from emulator.google.documents import WRITTEN, Documents, Fields
from emulator.google.monitoring import monitoring_routes

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
EMPTY = Backlog(NOW, 0, NOW - timedelta(seconds=1))
LETTER = {"publishTime": (NOW - timedelta(minutes=5)).isoformat()}
BY_SUBSCRIPTION = {"send-email": "send_email", "notify-admin": "notify_admin"}


def backlogs(
    *,
    letters: Mapping[str, Mapping[str, str]] | None = {},
    claims: Mapping[str, Fields] = {},
    loud: str = "",
) -> dict[str, Backlog]:
    class Stored:
        async def find(self, *_: object, **__: object) -> Mapping[str, Fields]:
            if "unreachable" in claims:
                raise httpx.ConnectError("refused")
            return claims

    async def dead_letters() -> Mapping[str, Mapping[str, str]] | None:
        return letters

    routes = monitoring_routes(
        cast("Documents", Stored()),
        dead_letters,
        dead_letter_subscription="dead",
        subscribers=BY_SUBSCRIPTION,
        is_quiet=lambda name: name != loud,
    )
    settings = Settings(
        google_cloud_project="p",
        audited_subscribers=Subscribers(Subscriber(name, each) for each, name in BY_SUBSCRIPTION.items()),
        event_topic="user.created",
        dead_letter_topic="dead",
        dead_letter_subscription="dead",
        attempts_seconds=100,
        monitoring_url="http://testserver",
        audit_pause_seconds=5,
    )
    session = cast("Session", InProcess(Starlette(routes=routes)))
    return dict(MonitoringMessages(session, settings, now=lambda: NOW).backlogs())


class InProcess:
    """A session that calls the routes without a server."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def get(self, url: str, *, params: dict[str, str], timeout: float) -> Response:
        async def call() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), timeout=timeout) as client:
                return await client.get(url, params=params)

        answer, response = asyncio.run(call()), Response()
        response.status_code, response._content = answer.status_code, answer.content  # noqa: SLF001  as it sets them
        return response


def test_subscriber_that_is_quiet_has_nothing_left() -> None:
    assert backlogs() == {"send-email": EMPTY, "notify-admin": EMPTY, "dead": EMPTY}


def test_dead_letters_are_counted_with_the_age_of_the_oldest() -> None:
    letters = {"1": LETTER, "2": {"publishTime": NOW.isoformat()}}

    assert backlogs(letters=letters)["dead"] == Backlog(NOW, 2, NOW - timedelta(minutes=5, seconds=1))


@pytest.mark.parametrize("lease", [{"lease_seconds": 45}, {}])  # or as records were before they said it
@pytest.mark.parametrize("seconds", [1, -1])
def test_nothing_is_said_of_a_subscriber_that_holds_a_lease(seconds: int, lease: Fields) -> None:
    a_day_ahead = (NOW + timedelta(days=1)).isoformat()  # by its holder's clock
    written_at = (NOW - timedelta(seconds=45 - seconds)).isoformat()
    claim: Fields = {**lease, WRITTEN: written_at, "lease_expires_at": a_day_ahead}

    known = backlogs(claims={"deliveries/send_email.1": {**claim}})

    assert ("send-email" in known) == (seconds < 0)
    assert "notify-admin" in known


def test_nothing_is_said_of_a_subscriber_that_has_just_printed_something_or_is_down() -> None:
    assert backlogs(loud="notify_admin").keys() == {"send-email", "dead"}


def test_nothing_is_said_of_what_an_emulator_does_not_tell() -> None:
    assert "dead" not in backlogs(letters=None)
    assert backlogs(claims={"unreachable": {}}) == {}
