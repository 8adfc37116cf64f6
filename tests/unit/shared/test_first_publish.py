"""The first publish of a process is patient, since its channel is cold; the others are not."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError, InvalidArgument, ServiceUnavailable

from shared.broker import pubsub_publisher
from shared.broker.publisher import EventRefusedError, NotPublishedError, PublisherUnavailableError
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.events.codec import Encoding
from testkit.builders import a_user_created

Ends = tuple[float, type[GoogleAPIError] | None]  # after so many seconds, with what
SILENT: Ends = (60, None)
REFUSED: Ends = (0.1, InvalidArgument)
UNAVAILABLE: Ends = (0.1, ServiceUnavailable)
UNAVAILABLE_LATE: Ends = (1.8, ServiceUnavailable)
DONE: Ends = (0.1, None)


class Client:
    """google.pubsub_v1.PublisherClient, whose calls end one after the other as told."""

    def __init__(self, *calls: Ends) -> None:
        self._calls = iter(calls)
        self.seconds = 0.0
        self.timeouts: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def publish(self, _request: Mapping[str, Any], *, retry: None, timeout: float) -> None:
        assert retry is None
        self.timeouts.append(timeout)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        lasts, error = next(self._calls)
        self.seconds += min(lasts, timeout)
        if error or lasts > timeout:
            raise (error or DeadlineExceeded)("")

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def publishing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Client, PubsubPublisher]]:
    def start(*calls: Ends) -> tuple[Client, PubsubPublisher]:
        client = Client(*calls)
        monkeypatch.setattr(pubsub_publisher, "monotonic", lambda: client.seconds)
        monkeypatch.setattr(pubsub_publisher, "sleep", client.sleep)
        return client, PubsubPublisher(cast("Any", client), "projects/p/topics/t", Encoding.JSON)

    return start


@pytest.mark.parametrize(
    ("calls", "failure", "timeouts"),
    [
        ([DONE], None, [3.0]),
        ([(2.9, None)], None, [3.0]),
        ([UNAVAILABLE, DONE], None, [3.0, 1.65]),
        ([UNAVAILABLE, UNAVAILABLE], PublisherUnavailableError, [3.0, 1.65]),
        ([UNAVAILABLE, SILENT], PublisherUnavailableError, [3.0, 1.65]),
        ([UNAVAILABLE, REFUSED], EventRefusedError, [3.0, 1.65]),
        ([UNAVAILABLE_LATE], PublisherUnavailableError, [3.0]),
        ([SILENT], PublisherUnavailableError, [3.0]),
        ([REFUSED], EventRefusedError, [3.0]),
    ],
)
def test_first_publish_has_three_seconds_and_one_repeat_and_the_next_has_one(
    publishing: Callable[..., tuple[Client, PubsubPublisher]],
    calls: list[Ends],
    failure: type[NotPublishedError] | None,
    timeouts: list[float],
) -> None:
    client, publisher = publishing(*calls, UNAVAILABLE)

    if failure:
        with pytest.raises(failure):
            publisher.publish(a_user_created())
    else:
        publisher.publish(a_user_created())
    took = client.seconds
    with pytest.raises(PublisherUnavailableError):
        publisher.publish(a_user_created())

    assert took <= 3
    assert client.timeouts == pytest.approx([*timeouts, 1.0])


def test_publish_that_begins_before_the_first_has_ended_is_as_patient(
    publishing: Callable[..., tuple[Client, PubsubPublisher]],
) -> None:
    client, publisher = publishing(DONE, DONE)
    client.meanwhile = lambda: publisher.publish(a_user_created())

    publisher.publish(a_user_created())

    assert client.timeouts == [3.0, 3.0]
