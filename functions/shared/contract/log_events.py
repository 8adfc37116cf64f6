"""Names of the log events: docs/log-events.md says what each means."""

from enum import StrEnum


class LogEvent(StrEnum):
    """The `message` of a log line."""

    USER_REGISTERED = "user_registered"
    SIGN_UP_REQUESTED = "sign_up_requested"
    SIGN_UP_REQUEST_SILENCED = "sign_up_request_silenced"
    RESERVATION_WITHOUT_USER = "reservation_without_user"
    REQUEST_REJECTED = "request_rejected"
    REQUEST_FAILED = "request_failed"

    EVENT_LEFT_TO_RELAY = "event_left_to_relay"
    EVENT_RELAYED = "event_relayed"
    EVENT_NOT_RELAYED = "event_not_relayed"
    EVENT_REFUSED = "event_refused"
    OUTBOX_RELAYED = "outbox_relayed"
    OUTBOX_ENTRY_UNREADABLE = "outbox_entry_unreadable"

    PROMISES_AUDITED = "promises_audited"

    DELIVERY_TAKEN_OVER = "delivery_taken_over"
    DELIVERY_ALREADY_FINISHED = "delivery_already_finished"
    EVENT_NOT_ACKNOWLEDGED = "event_not_acknowledged"
    EVENT_REJECTED = "event_rejected"
    EVENT_FAILED = "event_failed"

    PUSH_NOT_ACKNOWLEDGED = "push_not_acknowledged"
    EVENT_DEAD_LETTERED = "event_dead_lettered"
    DEAD_LETTER_NOT_STORED = "dead_letter_not_stored"
    BROKER_UNAVAILABLE = "broker_unavailable"
    BROKER_AVAILABLE = "broker_available"
    PUSHER_FAILED = "pusher_failed"


class EffectOutcome(StrEnum):
    """How a subscriber's act ended. Its log event begins with the subscriber's effect: `mail_sent`, `sms_refused`."""

    SENT = "sent"
    RETRIED = "retried"
    REFUSED = "refused"

    def of(self, effect: str) -> str:
        """The log event."""
        return f"{effect}_{self}"
