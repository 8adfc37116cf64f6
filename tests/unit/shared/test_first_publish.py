"""The first publish of a process is patient, since its channel is cold; the others are not."""

from collections.abc import Callable
from typing import cast

import pytest
from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError, InvalidArgument, ServiceUnavailable

from shared.broker import pubsub_publisher
from shared.broker.publisher import EventRefusedError, NotPublishedError, PublisherUnavailableError
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.pubsub_topic import PubsubTopic
from shared.events.codec import Encoding
from shared.events.message import Message
from testkit.builders import a_user_created

Ends = tuple[float, type[GoogleAPIError] | None]  # after so many seconds, with what
SILENT: Ends = (60, None)
REFUSED: Ends = (0.1, InvalidArgument)
UNAVAILABLE: Ends = (0.1, ServiceUnavailable)
UNAVAILABLE_LATE: Ends = (1.8, ServiceUnavailable)
DONE: Ends = (0.1, None)


class Topic:
    """A PubsubTopic whose calls end one after the other as told."""

    def __init__(self, *calls: Ends) -> None:
        self._calls = iter(calls)
        self.seconds = 0.0
        self.timeouts: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def publish(self, _: Message, *, timeout_seconds: float) -> None:
        self.timeouts.append(timeout_seconds)
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        lasts, error = next(self._calls)
        self.seconds += min(lasts, timeout_seconds)
        if error or lasts > timeout_seconds:
            raise (error or DeadlineExceeded)("")

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def publishing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Topic, PubsubPublisher]]:
    def start(*calls: Ends) -> tuple[Topic, PubsubPublisher]:
        topic = Topic(*calls)
        monkeypatch.setattr(pubsub_publisher, "monotonic", lambda: topic.seconds)
        monkeypatch.setattr(pubsub_publisher, "sleep", topic.sleep)
        return topic, PubsubPublisher(cast("PubsubTopic", topic), Encoding.JSON)

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
    publishing: Callable[..., tuple[Topic, PubsubPublisher]],
    calls: list[Ends],
    failure: type[NotPublishedError] | None,
    timeouts: list[float],
) -> None:
    topic, publisher = publishing(*calls, UNAVAILABLE)

    if failure:
        with pytest.raises(failure):
            publisher.publish(a_user_created())
    else:
        publisher.publish(a_user_created())
    took = topic.seconds
    with pytest.raises(PublisherUnavailableError):
        publisher.publish(a_user_created())

    assert took <= 3
    assert topic.timeouts == pytest.approx([*timeouts, 1.0])


def test_publish_that_begins_before_the_first_has_ended_is_as_patient(
    publishing: Callable[..., tuple[Topic, PubsubPublisher]],
) -> None:
    topic, publisher = publishing(DONE, DONE)
    topic.meanwhile = lambda: publisher.publish(a_user_created())

    publisher.publish(a_user_created())

    assert topic.timeouts == [3.0, 3.0]
