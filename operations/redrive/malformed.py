"""`--malformed`: events that could not be read, once the subscriber that rejected them is fixed."""

import json
from collections.abc import Iterator
from typing import Any

from google.api_core.exceptions import FailedPrecondition
from google.cloud.firestore import Client, DocumentSnapshot

from operations.redrive.documents import CALL, pages
from operations.redrive.messages import put_on_topic
from operations.redrive.selection import Outcome, Selection
from operations.redrive.system import System
from shared.contract.documents import MALFORMED_EVENTS
from shared.events.message import Message


def redrive_malformed(system: System, selection: Selection) -> Iterator[Outcome]:
    """Publish each event as it came, then delete its record."""
    for page in pages(system.firestore.collection(MALFORMED_EVENTS)):
        for record in page:
            if selection.takes(record.id):
                yield Outcome((record.id,), _put_back(system, record, dry_run=selection.dry_run))


def _put_back(system: System, record: DocumentSnapshot[Any], *, dry_run: bool) -> str:
    """Return why it could not be put back, or nothing."""
    try:
        attributes = json.loads(record.get("attributes"))
    except ValueError:
        return "its attributes were truncated"
    if len(record.get("data")) < record.get("data_bytes"):
        return "its data was truncated"
    if dry_run:
        return ""
    left = put_on_topic(system, Message(record.get("data"), attributes))
    if not left:
        _delete(system.firestore, record)
    return left


def _delete(client: Client, record: DocumentSnapshot[Any]) -> None:
    batch = client.batch()
    batch.delete(record.reference, option=client.write_option(last_update_time=record.update_time))
    try:
        batch.commit(**CALL)
    except FailedPrecondition:
        return  # the subscriber has rejected it again, under the same id: the new record has to stay
