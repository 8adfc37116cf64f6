"""What audit reads from its environment."""

from typing import Annotated

from msgspec import Meta

from shared.broker.settings import BrokerSettings

from .records import Subscriber


class Subscribers(tuple[Subscriber, ...]):
    """Subscribers, separated by blanks: `send_email=send-email notify_admin=notify-admin?`, `?` for optional ones."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Subscribers":
        """
        Read them.

        Raises:
            ValueError: One is not of this form.
        """
        named = [each.partition("=") for each in text.split()]
        if not all(name and subscription.strip("?") for name, _, subscription in named):
            raise ValueError("must be subscribers and their subscriptions, such as send_email=send-email")
        return cls(
            Subscriber(name, subscription.rstrip("?"), optional=subscription.endswith("?"))
            for name, _, subscription in named
        )


class Settings(BrokerSettings, frozen=True, kw_only=True):
    """What is audited, and how much of it at once."""

    audited_subscribers: Subscribers
    """Which subscribers are to finish every event, each with its subscription: follows from the topology."""
    dead_letter_topic: str
    """Where dead letters are published: follows from the topology."""
    dead_letter_subscription: str
    """Where dead letters are: follows from the topology."""
    attempts_seconds: Annotated[float, Meta(gt=0)]
    """How long all attempts at one event take: follows from the topology. What waits for longer is overdue."""
    monitoring_url: str = "https://monitoring.googleapis.com"
    """Where the ages of messages on Pub/Sub are read."""
    audit_hours: Annotated[float, Meta(gt=0, le=1920)] = 24
    """How far back an audit goes, without the day that it begins early."""
    audit_users: Annotated[int, Meta(ge=1, le=1_000_000)] = 50_000
    """The most users that an audit reads, the oldest first. An hour should have no more sign-ups."""
    audit_reservations: Annotated[int, Meta(ge=0, le=1_000_000)] = 5_000
    """The most reservations that an audit reads: each hour the next 720th of all, or the beginning of that."""
    audit_settled_seconds: Annotated[float, Meta(ge=0, le=3600)] = 900
    """How long a user is left to the functions at work, on Firestore's clock."""
    audit_pause_seconds: Annotated[float, Meta(ge=0, le=600)] = 300
    """The time before a second look at what was missing. Cloud Monitoring must know of the first by then."""
    outbox_late_seconds: Annotated[float, Meta(gt=0)] = 600
    """How long an event may wait in the outbox before that counts as late."""
