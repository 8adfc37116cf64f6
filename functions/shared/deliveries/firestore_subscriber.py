"""A subscriber whose records are in Firestore: what the entry points of all subscribers share."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from shared.deliveries import subscriber
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.delivery import Attempt
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.deliveries.firestore_malformed_events import FirestoreMalformedEvents
from shared.deliveries.subscriber import Acts
from shared.events.event import Event
from shared.events.message import Message
from shared.firestore.connecting import connect
from shared.runtime.once import once


class FirestoreSubscriber:
    """
    A subscriber that keeps its records under its own `name`.

    `effect` names in the logs what its acts do: `mail_sent`.
    """

    def __init__(
        self, name: str, acts: Acts, *, effect: str, project: str, lease: Lease, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._acts = acts
        self._effect = effect
        self._lease = lease
        self._now = now
        self._database = once(partial(connect, project))

    def handle(self, message: Message) -> None:
        """Act once on the event in a message: returning acknowledges it, raising has it redelivered."""
        subscriber.handle(message, self._acts, deliver=self._deliver_once, malformed_events=self._malformed_events())

    def reject(self, message: Message, reason: str) -> None:
        """Record a message that nobody reads: returning acknowledges it, raising has it redelivered."""
        subscriber.reject(message, reason, self._malformed_events())

    def _deliver_once(self, event: Event, act: Callable[[Attempt], None]) -> None:
        deliver_once(
            event,
            act,
            effect=self._effect,
            deliveries=FirestoreDeliveries(self._database, self._name, event),
            lease=self._lease,
            now=self._now,
        )

    def _malformed_events(self) -> FirestoreMalformedEvents:
        return FirestoreMalformedEvents(self._database, self._name, self._now)
