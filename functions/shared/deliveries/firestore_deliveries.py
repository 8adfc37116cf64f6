"""Delivery records in Firestore: `deliveries/{subscriber}.{event_id}`."""

from shared.contract.delivery_state import RECORDS_KEPT
from shared.contract.documents import DELIVERIES, delivery_id
from shared.deliveries.delivery import (
    DeliveriesUnavailableError,
    Delivery,
    DeliveryConflictError,
    Version,
)
from shared.events.event import Event, EventId
from shared.firestore.database import Connect, Create, PreconditionError, Update, failing_as
from shared.firestore.documents import UnreadableDocumentError, read_document


class FirestoreDeliveries:
    """
    One subscriber's records. A record's version is its document's update time.

    With `event`, its record also says what a redrive needs to make the event again from its user.
    """

    def __init__(self, database: Connect, subscriber: str, event: Event | None = None) -> None:
        self._database = database
        self._subscriber = subscriber
        self._origin = {"type": event.type, "user_id": event.user_id, "occurred_at": event.occurred_at} if event else {}

    def read(self, event_id: EventId) -> tuple[Delivery, Version, float]:
        with failing_as(DeliveriesUnavailableError):
            (found,), at = self._database().get(self._path(event_id))
        if not found:
            raise UnreadableDocumentError("there is none any more")
        age = at - found.update_time
        return read_document(found.fields, Delivery), Version(found.update_time), age.total_seconds()

    def write(self, event_id: EventId, delivery: Delivery, *, replacing: Version | None) -> Version:
        path = self._path(event_id)
        fields = vars(delivery) | {"expires_at": delivery.lease_expires_at + RECORDS_KEPT} | self._origin
        write = Create(path, fields) if replacing is None else Update(path, fields, replacing)
        with failing_as(DeliveriesUnavailableError):
            try:
                return Version(self._database().commit(write))
            except PreconditionError as error:
                raise DeliveryConflictError from error

    def _path(self, event_id: EventId) -> str:
        return f"{DELIVERIES}/{delivery_id(self._subscriber, event_id)}"
