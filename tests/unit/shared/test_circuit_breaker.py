from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.broker.circuit_breaker import Circuit, CircuitBreaker
from shared.broker.publisher import EventRefusedError, NotPublishedError, PublisherUnavailableError
from shared.events.event import Event
from testkit.builders import a_user_created
from testkit.fakes import Publisher


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Broker(Publisher):
    """Counts how often it is asked."""

    asked = 0

    def publish(self, event: Event) -> None:
        self.asked += 1
        super().publish(event)


def publish(publisher: CircuitBreaker, *, times: int = 1, event: Event | None = None) -> list[NotPublishedError]:
    failures = []
    for _ in range(times):
        try:
            publisher.publish(event or a_user_created())
        except NotPublishedError as error:
            failures.append(error)
    return failures


def test_broker_that_is_down_is_probed_once_per_pause_and_asked_as_usual_once_it_answers() -> None:
    clock, broker = Clock(), Broker(is_down=True)
    publisher = CircuitBreaker(broker, Circuit(clock))

    assert len(publish(publisher, times=20)) == 20
    assert broker.asked == 5

    clock.seconds += 4.9
    publish(publisher)
    assert broker.asked == 5

    clock.seconds += 0.1
    publish(publisher, times=10)
    assert broker.asked == 6

    clock.seconds += 5
    broker.is_down = False
    assert publish(publisher, times=10) == []
    assert len(broker.published) == 10


def test_failures_that_are_not_in_a_row_open_nothing() -> None:
    broker = Broker()
    publisher = CircuitBreaker(broker, Circuit(Clock()))

    for _ in range(5):
        broker.is_down = True
        publish(publisher, times=4)
        broker.is_down = False
        publish(publisher)

    assert broker.asked == 5 * (4 + 1)


def test_refusal_of_an_event_shows_that_the_broker_is_there() -> None:
    refused = a_user_created()
    broker = Broker(is_down=True, refused={refused.event_id})
    publisher = CircuitBreaker(broker, Circuit(Clock()))
    publish(publisher, times=4)
    broker.is_down = False

    assert [type(failure) for failure in publish(publisher, times=10, event=refused)] == [EventRefusedError] * 10
    broker.is_down = True
    publish(publisher, times=4)

    assert broker.asked == 4 + 10 + 4


def test_of_threads_that_come_at_once_one_probes() -> None:
    clock = Clock()
    circuit = Circuit(clock)
    for _ in range(5):
        circuit.failed()
    clock.seconds += 5

    with ThreadPoolExecutor(32) as pool:
        admitted = list(pool.map(lambda _: circuit.admits(), range(1000)))

    assert admitted.count(True) == 1


def test_probe_that_ends_in_a_bug_does_not_keep_the_circuit_open() -> None:
    class BuggyBroker:
        def publish(self, _event: Event) -> None:
            raise ZeroDivisionError

    clock = Clock()
    circuit = Circuit(clock)
    for _ in range(5):
        circuit.failed()
    clock.seconds += 5
    with pytest.raises(ZeroDivisionError):
        CircuitBreaker(BuggyBroker(), circuit).publish(a_user_created())

    with pytest.raises(PublisherUnavailableError):
        CircuitBreaker(Publisher(), circuit).publish(a_user_created())
    clock.seconds += 5
    CircuitBreaker(Publisher(), circuit).publish(a_user_created())
