"""Production's own numbers, on a real server: the pauses of one event are 10, 20 and 40 s."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from testkit.polling import eventually
from testkit.pushed_project import REFUSED, SUBSCRIPTION, TOPOLOGY, PushedProject, Subscriber, pusher_running
from testkit.smtp_server import Misbehaviour

PAUSES = [TOPOLOGY.push.backoff_seconds(attempts) for attempts in (1, 2, 3)]


@pytest.mark.exhaustive
def test_event_is_redelivered_when_the_policy_says(project: PushedProject) -> None:
    """Refused by one subscriber, cut off by the other, several at a time."""
    events = [b"first", b"second", b"third"]

    def times(subscriber: Subscriber) -> Callable[[], bool]:
        return lambda: all(len(subscriber.times_of(event)) > len(PAUSES) for event in events)

    with Subscriber.answering(REFUSED) as refusing, Subscriber.answering(Misbehaviour.DROP) as dropping:
        endpoints = {SUBSCRIPTION: refusing.url, "notify-admin": dropping.url}
        with pusher_running(project.settings(endpoints, {"minimum_backoff": TOPOLOGY.push.minimum_backoff_seconds})):
            project.publish(*events)
            assert eventually(times(refusing))
            assert eventually(times(dropping))

    for subscriber in (refusing, dropping):
        for event in events:
            pauses = [later - earlier for earlier, later in pairwise(subscriber.times_of(event))]
            assert pauses == pytest.approx(PAUSES, rel=0.1)
