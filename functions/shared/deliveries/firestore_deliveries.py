"""Delivery records in Firestore: `deliveries/{subscriber}.{event_id}`."""

from google.api_core.exceptions import Conflict, FailedPrecondition
from google.cloud.firestore import Client, DocumentReference

from shared.contract.delivery_state import RECORDS_KEPT
from shared.contract.documents import DELIVERIES, delivery_id
from shared.deliveries.delivery import (
    DeliveriesUnavailableError,
    Delivery,
    DeliveryConflictError,
    Version,
)
from shared.events.event import Event, EventId
from shared.firestore.calls import call, failing_as
from shared.firestore.documents import read_document


class FirestoreDeliveries:
    """
    One subscriber's records. A record's version is its document's update time.

    With `event`, its record also says what a redrive needs to make the event again from its user.
    """

    def __init__(self, client: Client, subscriber: str, event: Event | None = None) -> None:
        self._client = client
        self._subscriber = subscriber
        self._origin = {"type": event.type, "user_id": event.user_id, "occurred_at": event.occurred_at} if event else {}

    def read(self, event_id: EventId) -> tuple[Delivery, Version, float]:
        with failing_as(DeliveriesUnavailableError):
            found = self._document(event_id).get(**call())
        age = found.read_time - found.update_time
        return read_document(found.to_dict(), Delivery), Version(found.update_time), age.total_seconds()

    def write(self, event_id: EventId, delivery: Delivery, *, replacing: Version | None) -> Version:
        document = self._document(event_id)
        written = vars(delivery) | {"expires_at": delivery.lease_expires_at + RECORDS_KEPT} | self._origin
        with failing_as(DeliveriesUnavailableError):
            try:
                if replacing is None:
                    result = document.create(written, **call())
                else:
                    at_version = self._client.write_option(last_update_time=replacing)
                    result = document.update(written, option=at_version, **call())
            except (Conflict, FailedPrecondition) as error:
                raise DeliveryConflictError from error
        return Version(result.update_time)  # type: ignore[arg-type]  # the library gives a datetime

    def _document(self, event_id: EventId) -> DocumentReference:
        return self._client.document(DELIVERIES, delivery_id(self._subscriber, event_id))
