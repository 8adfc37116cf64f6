from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from requests import ConnectionError as NotConnectedError
from requests import Response, Session

from audit.monitoring_messages import MonitoringMessages
from audit.records import Backlog, Subscriber
from audit.settings import Settings, Subscribers

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SETTINGS = Settings(
    google_cloud_project="p",
    event_topic="user.created",
    audited_subscribers=Subscribers([Subscriber("send_email", "send-email")]),
    dead_letter_topic="dead",
    dead_letter_subscription="dead",
    attempts_seconds=1000,
)


class Google:
    """Answers like Cloud Monitoring with `values` by metric and subscription, one a minute, the newest first."""

    def __init__(self, values: dict[str, dict[str, list[int]]], *, late: dict[str, int] | None = None) -> None:
        self.values = values
        self.late = late or {}

    def get(self, url: str, **question: Any) -> Response:
        assert url == "https://monitoring.googleapis.com/v3/projects/p/timeSeries"
        [metric] = [name for name in self.values if question["params"]["filter"].endswith(f'/{name}"')]
        series = [
            {"resource": {"labels": {"subscription_id": name}}, "points": self._points(name, values)}
            for name, values in self.values[metric].items()
        ]
        return answer({"timeSeries": series} if series else {})

    def _points(self, name: str, values: list[int]) -> list[dict[str, object]]:
        times = [NOW - timedelta(minutes=minutes + self.late.get(name, 0)) for minutes in range(len(values))]
        return [
            {"interval": {"endTime": f"{time:%Y-%m-%dT%H:%M:%S}Z"}, "value": {"int64Value": str(value)}}
            for time, value in zip(times, values, strict=True)
        ]


def answer(body: object, status: int = 200) -> Response:
    response = Response()
    response.status_code = status
    response.json = lambda **_: body  # type: ignore[method-assign]  # the body as it would be read
    return response


def backlogs(google: object) -> dict[str, Backlog]:
    return dict(MonitoringMessages(cast("Session", google), SETTINGS, now=lambda: NOW).backlogs())


def test_oldest_message_is_counted_from_the_time_of_the_point_and_a_minute_earlier() -> None:
    google = Google(
        {
            "oldest_unacked_message_age": {"send-email": [3600, 3540], "dead": [0, 0], "of-someone-else": [9]},
            "num_undelivered_messages": {"send-email": [7, 6], "dead": [0, 0], "of-someone-else": [9]},
        }
    )

    assert backlogs(google) == {
        "send-email": Backlog(NOW, 7, NOW - timedelta(seconds=3660)),
        "dead": Backlog(NOW, 0, NOW - timedelta(minutes=1)),
    }


def test_subscription_is_seen_before_the_dead_letters_that_its_messages_become() -> None:
    google = Google(
        {
            "oldest_unacked_message_age": {"send-email": [0, 3540], "dead": [0]},
            "num_undelivered_messages": {"send-email": [0, 6], "dead": [0]},
        },
        late={"dead": 1},
    )

    assert backlogs(google)["send-email"].messages == 6


@pytest.mark.parametrize("body", [{}, {"timeSeries": [{"points": []}]}, {"timeSeries": [{"resource": {}}]}])
def test_nothing_is_known_where_there_are_no_points(body: dict[str, object]) -> None:
    assert backlogs(Answering(answer(body))) == {}


def test_nothing_is_known_where_monitoring_refuses_or_does_not_respond() -> None:
    assert backlogs(Answering(answer({}, status=403))) == {}
    assert backlogs(Answering(NotConnectedError())) == {}


class Answering:
    def __init__(self, outcome: Response | Exception) -> None:
        self.outcome = outcome

    def get(self, *_: object, **__: object) -> Response:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome
