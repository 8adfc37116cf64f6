"""Every kind of redrive, one process each."""

from typing import Any, cast

from google.api_core.exceptions import GoogleAPIError

from blueprint.topology import read_topology
from operations.brokers.pubsub import PubsubBroker
from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.from_users import redrive_from_users
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Selection
from operations.redrive.system import System
from operations.redrive.undeliverable import redrive_undeliverable
from proofs.explore.messages import SubscriberClient
from proofs.explore.models.delivery import SUBSCRIBER
from proofs.explore.models.outside import FIRESTORE, PUBLISHER_CLIENT

_SYSTEM = System(
    firestore=FIRESTORE,
    broker=PubsubBroker(
        PUBLISHER_CLIENT, cast("Any", SubscriberClient()), project="usher", topics=read_topology().events
    ),
)


def redrive(kind: Any) -> str:
    try:
        outcomes = list(kind(_SYSTEM, Selection(subscribers=frozenset({SUBSCRIBER}))))
    except GoogleAPIError:
        return "stopped"
    return f"{sum(not each.left for each in outcomes)} put back"


REDRIVES = {
    "redrive": redrive_dead_letters,
    "redrive --undeliverable": redrive_undeliverable,
    "redrive --from-users": redrive_from_users,
    "redrive --malformed": redrive_malformed,
}
