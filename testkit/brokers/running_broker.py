"""What tests need of a broker, whichever it is. Projects keep their events apart on either."""

from typing import Protocol

from blueprint.topology import read_topology
from shared.broker.publisher import Publisher
from shared.events.message import Message

TOPIC = read_topology().events.topic


class Witness(Protocol):
    """Sees what is published on a project's topic, from now on."""

    def messages(self) -> list[Message]:
        """All that have been published so far."""

    def close(self) -> None: ...


class RunningBroker(Protocol):
    """A broker at `address`, as host:port. Where nothing has happened for `quiet_seconds`, nothing more will."""

    address: str
    quiet_seconds: float

    def settings_at(self, address: str) -> dict[str, str]:
        """The settings of functions that reach it at another address: of a proxy, or of nobody."""

    def create_topics(self, project: str) -> None:
        """A project's topic and its dead letters. Pushes nothing."""

    def push_events_of(self, project: str, url: str, *, subscription: str = "send-email") -> None:
        """Push a project's events to the subscriber at `url` from now on, and again a second after each failure."""

    def push_no_events_of(self, project: str) -> None: ...

    def publisher(self, project: str) -> Publisher:
        """The functions' own. The project's topic exists, or events have been pushed from it before."""

    def publish(self, project: str, message: Message, *, topic: str = TOPIC) -> None:
        """Publish whatever it is."""

    def take_dead_letters(self, project: str) -> list[Message]:
        """Those that were given up since the last look."""

    def is_pushing(self, project: str) -> bool:
        """Whether some event is not acknowledged yet, as far as the broker tells."""

    def witness(self, project: str) -> Witness:
        """A witness of what is published from now on; the topic is created where it is missing."""

    def close(self) -> None:
        """End every push."""
