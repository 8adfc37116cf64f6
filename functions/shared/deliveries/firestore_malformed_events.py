"""Keeps events that cannot be read, so that nothing disappears: `malformed_events/{id}` in Firestore."""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from shared.contract.delivery_state import RECORDS_KEPT
from shared.contract.documents import MALFORMED_EVENTS
from shared.deliveries.delivery import DeliveryError
from shared.events.message import Message
from shared.firestore.database import Connect, Put, failing_as

_DATA_LIMIT_BYTES = 256 * 1024


class MalformedEventsUnavailableError(DeliveryError):
    """The event could not be recorded: it has to be redelivered."""


class FirestoreMalformedEvents:
    """One subscriber's unreadable events. Its id is made of the whole event: a redelivery adds no second record."""

    def __init__(self, database: Connect, subscriber: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._subscriber = subscriber
        self._now = now

    def record(self, message: Message, reason: str) -> str:
        """Record the event and return the record's id. Data over 256 KiB is truncated; its hash covers all of it."""
        # one blob, because attribute names come from outside and may not be valid field names
        attributes = json.dumps(dict(message.attributes), sort_keys=True).encode()
        digest = sha256(message.data).hexdigest()
        record_id = sha256(b"\0".join([self._subscriber.encode(), attributes, message.data])).hexdigest()
        received_at = self._now()
        fields = {
            "subscriber": self._subscriber,
            "reason": reason,
            "data": message.data[:_DATA_LIMIT_BYTES],
            "data_sha256": digest,
            "data_bytes": len(message.data),
            "attributes": attributes[:_DATA_LIMIT_BYTES],
            "received_at": received_at,
            "expires_at": received_at + RECORDS_KEPT,
            "rejection_id": uuid4().hex,  # as an outbox entry's `put_id`: each rejection is a version of its own
        }
        with failing_as(MalformedEventsUnavailableError):
            self._database().commit(Put(f"{MALFORMED_EVENTS}/{record_id}", fields))
        return record_id
