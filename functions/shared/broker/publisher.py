"""What publishing an event takes, whatever the broker."""

from typing import Protocol

from shared.events.event import Event


class NotPublishedError(Exception):
    """The event may not have been published."""


class PublisherUnavailableError(NotPublishedError):
    """The broker did not acknowledge the event in time."""


class EventRefusedError(NotPublishedError):
    """The broker refuses this very event."""


class Publisher(Protocol):
    """Publishes events."""

    def publish(self, event: Event) -> None:
        """
        Return once the broker has acknowledged the event.

        Raises:
            NotPublishedError: It has not.
        """
