"""What a redrive needs of a broker, whichever it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.events.message import Message

PAGE = 100
HELD_SECONDS = 60  # how long a redrive that is killed hides dead letters from the next


class BrokerUnavailableError(Exception):
    """The broker did not respond, or has no place for the message: the text says so, without its address."""


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up, with the broker's own id. By its `receipt` it is acknowledged or released."""

    id: str
    message: Message
    receipt: str = field(repr=False)


class Broker(Protocol):
    """
    One topic and its dead letters.

    Methods raise BrokerUnavailableError, or Pub/Sub's GoogleAPIError: they may have been carried out in part.
    """

    def publish(self, message: Message) -> str:
        """Return why the broker refuses this very message, or nothing once it has stored the message as it is."""

    def pull(self) -> Sequence[DeadLetter]:
        """Some dead letters, held for a minute: nobody else gets them. None where all are held."""

    def acknowledge(self, letters: Collection[DeadLetter]) -> None:
        """Have done with them for good."""

    def release(self, letters: Collection[DeadLetter]) -> None:
        """Let anybody pull them again, at once."""
