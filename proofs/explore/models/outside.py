"""What Usher's processes have in common: Google's clients of this exploration, and nothing else from outside."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Self, cast

from create_user import sign_up_requests
from operations.redrive import from_users
from proofs.explore.clients import Client
from proofs.explore.database import ExploredDatabase
from proofs.explore.messages import PublisherClient, Topic
from proofs.explore.replay import monotonic, unique_id, wall_clock
from relay_outbox import relay as relaying
from shared.broker import pubsub_publisher
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.deliveries import deliver_once, firestore_malformed_events, firestore_subscriber
from shared.events import outbox_entry
from shared.events.codec import Encoding
from shared.outbox import firestore_outbox
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, Later, publish_best_effort
from shared.runtime import logs
from shared.web.after_the_answer import at_once

FEW_RANGES = {"SMALL_RANGES": 2, "COUNTED_RANGES": 1}
MAILS_A_DAY = 2  # fewer than in production, so that a day of them is a small world
FIRESTORE = cast("Any", Client())  # of a redrive
PUBLISHER_CLIENT = cast("Any", PublisherClient())
_EXPLORED, _TOPIC = ExploredDatabase(), cast("Any", Topic())


def database() -> ExploredDatabase:
    return _EXPLORED


OUTBOX = FirestoreOutbox(database)


def cold_publisher() -> PubsubPublisher:
    """A process's own, as of an instance that has just started."""
    return PubsubPublisher(_TOPIC, Encoding.JSON)


def best_effort(later: Later = at_once) -> Callable[[Entry], None]:
    """How a request publishes."""
    return partial(publish_best_effort, publisher=cold_publisher(), outbox=OUTBOX, later=later)


class _OneAfterTheOther:
    """In place of the relay's threads: what they do to different events does not meet."""

    def __init__(self, _threads: int) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    map = staticmethod(map)


class _Time(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:  # noqa: ARG003  it is UTC
        return wall_clock()


def replace_what_is_outside() -> None:
    """Clocks, chance, threads and logs. A name that the code has no more fails."""
    for module, names in (
        (deliver_once, {"monotonic": monotonic, "uuid4": unique_id, "sleep": lambda _: None}),
        (deliver_once._Record, {"logged": lambda *_: {}}),  # noqa: SLF001  reads clocks for the logs only
        (firestore_malformed_events, {"uuid4": unique_id}),
        (firestore_subscriber, {"connect": lambda _: _EXPLORED}),
        (relaying, {"ThreadPoolExecutor": _OneAfterTheOther, "monotonic": lambda: 0.0}),
        (firestore_outbox, {"ThreadPoolExecutor": _OneAfterTheOther, "sample": lambda ids, _: ids, **FEW_RANGES}),
        (pubsub_publisher, {"monotonic": lambda: 0.0, "sleep": lambda _: None}),
        (outbox_entry, {"uuid4": unique_id}),
        (sign_up_requests, {"uuid4": unique_id, "MAILS_A_DAY": MAILS_A_DAY, "TAGGED_MAILS_A_DAY": MAILS_A_DAY}),
        (from_users, {"datetime": _Time}),
        (logs, {name: lambda *_, **__: None for name in ("info", "warning", "error")}),
    ):
        for name, value in names.items():
            assert hasattr(module, name), f"{module.__name__} has no {name} any more"
            setattr(module, name, value)
