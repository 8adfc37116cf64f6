"""Reads topology.toml: what Usher is made of, for the local stack and for the deployment alike."""

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import structs

PROJECT_ROOT = Path(__file__).resolve().parent.parent
TOPOLOGY_FILE = "topology.toml"


class TopologyError(Exception):
    """topology.toml is unusable. The text is one sentence: which entry, what is wrong with it and what to do."""


class Trigger(StrEnum):
    """What calls a function."""

    HTTP = "http"
    SCHEDULE = "schedule"
    EVENT = "event"


class EventTopics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The topic, and where events go that were given up."""

    topic: str
    dead_letter_topic: str
    dead_letter_subscription: str
    dead_letter_retention_days: int


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an event is pushed to every subscriber."""

    ack_deadline_seconds: int
    minimum_backoff_seconds: int
    maximum_backoff_seconds: int
    max_delivery_attempts: int
    retention_days: int
    lease_seconds: int

    @property
    def attempts_seconds(self) -> int:
        """For how long a push that always fails is repeated."""
        return sum(map(self.backoff_seconds, range(1, self.max_delivery_attempts)))

    def backoff_seconds(self, attempts: int) -> int:
        """The pause after so many pushes that were not acknowledged."""
        return min(self.maximum_backoff_seconds, self.minimum_backoff_seconds << (attempts - 1))


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    One secret. `generated` ones are made once and never replaced; the others are asked for.

    One that `goes_with` a setting is left out where that setting is not given.
    """

    generated: bool = False
    goes_with: str | None = None


class Firestore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    The database: what of its past is kept, and its fields.

    Without `backup_days` there are no backups. Fields, written `collection.field`, end a document's life, or must or
    must not be indexed.
    """

    point_in_time_recovery: bool
    backup_days: Annotated[int, msgspec.Meta(ge=0, le=98)]
    indexed: list[str]
    expiring: list[str]
    not_indexed: list[str]


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings, by name, that have another value on the local stack than in the cloud."""

    local: dict[str, str]
    cloud: dict[str, str]


class Function(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    One function.

    `rooms` are the folders of functions/shared that it uses: its bundle holds these and no others. `port` counts from
    the local stack's base port; `settings` and `secrets` name the environment variables it may see, `required` those
    settings that have no default. An `optional` function is deployed only where they are given.
    `subscription` is set for subscribers, `every_seconds` for scheduled functions. `project_roles` are what it may do
    in the whole project.
    """

    source: str
    rooms: list[str]
    target: str
    trigger: Trigger
    port: Annotated[int, msgspec.Meta(ge=0, lt=100)]
    timeout_seconds: int
    cpu: int
    memory: str
    concurrency: int
    settings: list[str]
    secrets: list[str]
    min_instances: int
    max_instances: int
    required: list[str] = []
    optional: bool = False
    subscription: str | None = None
    every_seconds: int | None = None
    project_roles: list[str] = msgspec.field(default_factory=lambda: ["roles/datastore.user"])


class Topology(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in topology.toml."""

    events: EventTopics
    push: Push
    firestore: Firestore
    secrets: dict[str, Secret]
    places: Places
    functions: dict[str, Function]

    def with_topic(self, topic: str | None) -> "Topology":
        """The same with another topic, where one is given."""
        return structs.replace(self, events=structs.replace(self.events, topic=topic)) if topic else self

    def subscribers(self) -> dict[str, Function]:
        return {name: function for name, function in self.functions.items() if function.subscription}

    def subscriptions(self) -> dict[str, str]:
        """The subscribers' names by their subscription."""
        return {function.subscription: name for name, function in self.functions.items() if function.subscription}


def read_topology(root: Path = PROJECT_ROOT) -> Topology:
    """
    Read `topology.toml` of the project at `root`.

    Raises:
        TopologyError: It cannot be read, or an entry is missing, unknown or wrong.
    """
    path = root / TOPOLOGY_FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TopologyError(f"{path} cannot be read as TOML ({error}): correct it, then try again.") from error
    for fault in _faults(document):
        raise TopologyError(f"{path}: {fault}: correct this entry, then try again.")
    return msgspec.convert(document, Topology)


def _faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Each fault with the name of its table, which msgspec leaves out where a table's name is free."""
    ports: dict[int, str] = {}
    for kind, entry_type in (("secrets", Secret), ("functions", Function)):
        named = document.get(kind)
        for name, entry in named.items() if isinstance(named, dict) else ():
            try:
                known = msgspec.convert(entry, entry_type)
            except msgspec.ValidationError as error:
                yield f"[{kind}.{name}]: {error}"
                continue
            if isinstance(known, Function) and (other := ports.setdefault(known.port, name)) != name:
                yield f"[functions.{name}]: port {known.port} is the port of {other} already"
    try:
        msgspec.convert(document, Topology)
    except msgspec.ValidationError as error:
        yield str(error)
