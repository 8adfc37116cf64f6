"""The one place of the local stack that chooses the broker."""

from collections.abc import Callable, Mapping

import httpx

from emulator.broker import LocalBroker, Place
from emulator.google.emulators import LocalEmulator
from emulator.google.pubsub_broker import PubsubBroker
from shared.broker.settings import Broker


def broker_of(environ: Mapping[str, str]) -> Broker:
    """The one that the environment names. An unknown name is reported with the functions' settings."""
    name = environ.get("EVENT_BROKER", "").strip()
    return Broker(name) if name in list(Broker) else Broker.PUBSUB


def local_broker(
    place: Place, pubsub: LocalEmulator, *, client: httpx.AsyncClient, on_line: Callable[[str, str], None]
) -> LocalBroker:
    """The broker of the environment, Pub/Sub on its emulator. `on_line` takes what a broker's programs print."""
    match broker_of(place.environ):
        case Broker.PUBSUB:
            return PubsubBroker(pubsub, place, client)
        case Broker.NATS:
            from emulator.nats.nats_broker import NatsBroker  # noqa: PLC0415  NATS loads only where it is used

            return NatsBroker(place, on_line)
