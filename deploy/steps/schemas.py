"""Pub/Sub's schemas: the event contract, where other teams look for it. Bound to no topic: docs/decisions/0009."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from blueprint.topology import PROJECT_ROOT
from deploy.deployment import Deployment
from deploy.step import Step

_CONTRACTS = "functions/shared/events"


def schema_steps(deployment: Deployment) -> Iterator[Step]:
    """A schema for each event, under its type; a new revision where the .proto has changed."""
    gcloud = deployment.gcloud
    for schema, file in contracts().items():
        definition = f"{schema} --type=protocol-buffer --definition-file={_CONTRACTS}/{file.name}"
        yield Step(
            f"Register the schema {schema}",
            gcloud(f"pubsub schemas create {definition}"),
            check=gcloud("pubsub schemas list --format='value(name.basename())'"),
            there=schema,
            undo=gcloud(f"pubsub schemas delete {schema}"),
        )
        yield Step(
            f"Commit a revision of the schema {schema} if {file.name} has changed",
            gcloud(f"pubsub schemas commit {definition}"),
            # one line, whatever it holds
            check=gcloud(f"pubsub schemas describe {schema} --format='value(definition.encode(base64))'"),
            there=b64encode(file.read_bytes()).decode(),
        )


def contracts() -> dict[str, Path]:
    """The .proto of each event, by the event's type."""
    return {event_type(file.read_text()): file for file in sorted((PROJECT_ROOT / _CONTRACTS).glob("*.proto"))}


def event_type(proto: str) -> str:
    """The type of the event that a .proto describes: its first line names it."""
    if not (named := re.match(r"// The event `([\w.]+)`", proto)):
        raise ValueError("the first line of an event's .proto has to name its type: // The event `user.created`")
    return named[1]
