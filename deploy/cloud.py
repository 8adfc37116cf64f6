"""Reads what gcloud cannot: how many events are waiting, from Cloud Monitoring and Firestore, with gcloud's login."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from blueprint.gcloud import Run
from deploy.deployment import Deployment
from shared.contract.documents import OUTBOX

_UNDELIVERED = 'metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages"'
_MONITORING = "https://monitoring.googleapis.com/v3/projects/{project}/timeSeries"
DOCUMENTS = "https://firestore.googleapis.com/v1/projects/{project}/databases/(default)/documents"
_OUTBOX = DOCUMENTS + ":runAggregationQuery"
_ENTRIES = DOCUMENTS + ":runQuery"
_COUNT_OUTBOX = {
    "structuredAggregationQuery": {
        "structuredQuery": {"from": [{"collectionId": OUTBOX}]},
        "aggregations": [{"alias": "events", "count": {}}],
    }
}
# One page, in no order: times have no index.
_READ_OUTBOX = {
    "structuredQuery": {
        "from": [{"collectionId": OUTBOX}],
        "select": {"fields": [{"fieldPath": "__name__"}]},  # each comes with the time of its creation
        "limit": 1000,
    }
}


class UnreadableError(Exception):
    """Google did not answer a query about what is waiting."""


@dataclass(frozen=True)
class Undelivered:
    """How many events are waiting in a subscription, as of a minute or more ago."""

    events: int
    as_of: datetime


class Cloud:
    """One project, through a client that carries the login."""

    def __init__(self, project: str, client: httpx.Client) -> None:
        self._project = project
        self._client = client

    def name_of(self, url: str) -> str:
        """What a resource of this project is called, of its URL."""
        return url.format(project=self._project).partition("/v1/")[2]

    def undelivered(self, now: datetime) -> Mapping[str, Undelivered]:
        """Of each subscription that Cloud Monitoring knows, by its name. It learns of a change minutes later."""
        query = {
            "filter": _UNDELIVERED,
            "interval.startTime": (now - timedelta(minutes=15)).isoformat(),
            "interval.endTime": now.isoformat(),
        }
        series = self.ask("GET", _MONITORING, params=query).get("timeSeries", [])
        return {one["resource"]["labels"]["subscription_id"]: _newest(one["points"]) for one in series}

    def outbox(self) -> int:
        """How many events are waiting to be published."""
        found = self.ask("POST", _OUTBOX, json=_COUNT_OUTBOX)
        return int(found[0]["result"]["aggregateFields"]["events"]["integerValue"]) if found else 0

    def oldest_in_outbox(self) -> datetime | None:
        """When the oldest entry there was put in, on Firestore's clock, of 1000 that are looked at."""
        found = self.ask("POST", _ENTRIES, json=_READ_OUTBOX)
        times = [one["document"]["createTime"] for one in found if "document" in one]
        return min(map(datetime.fromisoformat, times), default=None)

    def ask(self, method: str, url: str, **question: Any) -> Any:  # noqa: ANN401  JSON as Google takes and sends it
        """
        What one of Google's APIs answers; nothing where there is no such thing.

        Raises:
            UnreadableError: It did not answer, or refused.
        """
        try:
            answer = self._client.request(method, url.format(project=self._project), **question)
        except httpx.TransportError as error:
            raise UnreadableError(f"{url} did not respond: {error}") from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            return {}  # no database, so no outbox
        if not answer.is_success:
            raise UnreadableError(
                f"{answer.url.host} rejected the request ({answer.status_code}): {answer.text.strip()}"
            )
        return answer.json()


@contextmanager
def connected(deployment: Deployment, run: Run, transport: httpx.BaseTransport | None = None) -> Iterator[Cloud]:
    """The project that is deployed to, with gcloud's own login."""
    with connection(deployment, run, transport) as client:
        yield Cloud(deployment.project, client)


@contextmanager
def connection(
    deployment: Deployment, run: Run, transport: httpx.BaseTransport | None = None
) -> Iterator[httpx.Client]:
    """A client that carries gcloud's login, and has its requests counted on the project."""
    token = run(deployment.gcloud("auth print-access-token"), None)
    headers = {"Authorization": f"Bearer {token}", "x-goog-user-project": deployment.project}
    with httpx.Client(headers=headers, timeout=30, transport=transport) as client:
        yield client


def question_lines() -> list[str]:
    """The same questions in Bash, with PROJECT set; the login goes in by standard input, not on the command line."""
    login = "Authorization: Bearer $(gcloud auth print-access-token)"
    ask = f'ask() {{ curl -sS --fail-with-body -H @- "$@" <<<"{login}"; }}'
    monitoring, outbox, entries = (url.format(project="${PROJECT}") for url in (_MONITORING, _OUTBOX, _ENTRIES))
    return [
        ask,
        "# Events waiting in the outbox",
        f"ask \"{outbox}\" -H 'Content-Type: application/json' \\",
        f"    -d '{json.dumps(_COUNT_OUTBOX)}'",
        "# The oldest of these",
        f"ask \"{entries}\" -H 'Content-Type: application/json' \\",
        f"    -d '{json.dumps(_READ_OUTBOX)}' |",
        '    { grep -o \'"createTime": *"[^"]*"\' || true; } | sort | sed -n 1p',
        "# Events waiting in each subscription",
        f"ask -G \"{monitoring}\" --data-urlencode 'filter={_UNDELIVERED}' \\",
        '    -d "interval.startTime=$(date -u +%F)T00:00:00Z" -d "interval.endTime=$(date -u +%FT%TZ)"',
    ]


def _newest(points: list[dict[str, Any]]) -> Undelivered:
    newest = max(points, key=lambda point: str(point["interval"]["endTime"]))
    return Undelivered(int(newest["value"]["int64Value"]), datetime.fromisoformat(newest["interval"]["endTime"]))
