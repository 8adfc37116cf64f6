"""
Asks a broker that is down rarely, so that an outage delays few callers.

            5 failures in a row            5 s later: one probe
    closed ────────────────────▶ open ◀──────────────────────▶ half-open
       ▲                                     it fails              │
       └───────────────────────────────────────────────────────────┘
                                it succeeds
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from shared.broker.publisher import EventRefusedError, Publisher, PublisherUnavailableError
from shared.events.event import Event

# Fewer would take slow events for an outage: tests/unit/shared/test_circuit_simulation.py
_FAILURES_IN_A_ROW = 5
_PAUSE_SECONDS = 5.0


class Circuit:
    """Closed, open or half-open. In a row means in the order in which outcomes become known, whichever thread's."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._next_probe = 0.0

    def admits(self) -> bool:
        """Whether to ask now. While the circuit is open it is one caller per pause, whose outcome decides."""
        with self._lock:
            if self._failures < _FAILURES_IN_A_ROW:
                return True
            if self._clock() < self._next_probe:
                return False
            self._next_probe = self._clock() + _PAUSE_SECONDS
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures == _FAILURES_IN_A_ROW:
                self._next_probe = self._clock() + _PAUSE_SECONDS


class CircuitBreaker:
    """A publisher that fails immediately while its circuit is open."""

    def __init__(self, publisher: Publisher, circuit: Circuit) -> None:
        self._publisher = publisher
        self._circuit = circuit

    def publish(self, event: Event) -> None:
        if not self._circuit.admits():
            raise PublisherUnavailableError
        try:
            self._publisher.publish(event)
        except PublisherUnavailableError:
            self._circuit.failed()
            raise
        except EventRefusedError:  # a response like any other
            self._circuit.succeeded()
            raise
        self._circuit.succeeded()
