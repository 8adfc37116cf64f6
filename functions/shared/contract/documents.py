"""Where documents are in Firestore: docs/data.md says what they hold."""

from typing import Final

USERS: Final = "users"
EMAIL_RESERVATIONS: Final = "email_reservations"
OUTBOX: Final = "outbox"
SIGN_UP_REQUESTS: Final = "sign_up_requests"
TAGGED_SIGN_UP_REQUESTS: Final = "tagged_sign_up_requests"
DELIVERIES: Final = "deliveries"
MALFORMED_EVENTS: Final = "malformed_events"


def delivery_id(subscriber: str, event_id: str) -> str:
    """The id of a subscriber's record of an event."""
    return f"{subscriber}.{event_id}"


def parts_of_delivery_id(record_id: str) -> tuple[str, str]:
    """The subscriber and the id of the event."""
    subscriber, _, event_id = record_id.partition(".")
    return subscriber, event_id
