"""The backlogs of subscriptions as Cloud Monitoring knows them: minutes late, and without taking a message."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import google.auth
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession
from requests import RequestException, Session

from .records import Backlog, Backlogs
from .settings import Settings

GOOGLE = "https://monitoring.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/monitoring.read"
_OLDEST_AGE, _COUNT = "oldest_unacked_message_age", "num_undelivered_messages"
_READ = timedelta(minutes=15)
_TIMEOUT_SECONDS = 10


class MonitoringMessages:
    """
    Of the subscriptions that the settings name, the dead letters as they were last.

    `session` has the login. What a point says was so at the time that it names, or a little before.
    """

    def __init__(self, session: Session, settings: Settings, *, now: Callable[[], datetime]) -> None:
        self._session = session
        self._url = f"{settings.monitoring_url}/v3/projects/{settings.google_cloud_project}/timeSeries"
        self._dead_letters = settings.dead_letter_subscription
        self._subscriptions = {
            self._dead_letters,
            *(subscriber.subscription for subscriber in settings.audited_subscribers),
        }
        # A minute, where the pause leaves Cloud Monitoring its usual time.
        self._inexact = timedelta(seconds=settings.audit_pause_seconds / 5)
        self._now = now

    def backlogs(self) -> Backlogs:
        try:
            now = self._now()
            ages, counts = self._series(_OLDEST_AGE, now), self._series(_COUNT, now)
        except (RequestException, GoogleAuthError, LookupError, TypeError, ValueError):
            return {}  # nobody knows: the report says so
        # What moves to the dead letters must not be missed in both: look at them last.
        latest = max(ages.get(self._dead_letters, ()), default=now)
        return {
            name: Backlog(as_of, counts[name][as_of], as_of - timedelta(seconds=age) - self._inexact)
            for name in self._subscriptions
            for as_of, age in sorted(ages.get(name, {}).items())
            if as_of <= latest and as_of in counts.get(name, {})
        }

    def _series(self, metric: str, now: datetime) -> dict[str, dict[datetime, int]]:
        """The values of each subscription by their times."""
        query = {
            "filter": f'metric.type="pubsub.googleapis.com/subscription/{metric}"',
            "interval.startTime": (now - _READ).isoformat(),
            "interval.endTime": now.isoformat(),
        }
        response = self._session.get(self._url, params=query, timeout=_TIMEOUT_SECONDS)
        response.raise_for_status()
        return {
            one["resource"]["labels"]["subscription_id"]: dict(map(_point, one["points"]))
            for one in response.json().get("timeSeries", [])
        }


def _point(point: dict[str, Any]) -> tuple[datetime, int]:
    return datetime.fromisoformat(point["interval"]["endTime"]), int(point["value"]["int64Value"])


def session_for(url: str) -> Session:
    """With the function's own login for Google, and none for anyone else."""
    if url != GOOGLE:
        return Session()
    login, _ = google.auth.default(scopes=[_SCOPE])
    return AuthorizedSession(login)  # type: ignore[no-untyped-call]  # the library's gap
