"""`--undeliverable`: deliveries that were refused for good, once the cause is repaired."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from google.api_core.exceptions import Conflict, FailedPrecondition
from google.cloud.firestore import Client, DocumentSnapshot
from google.cloud.firestore_v1.base_query import FieldFilter

from operations.redrive.documents import CALL, pages
from operations.redrive.selection import Outcome, Selection
from operations.redrive.stored_users import OutboxEntry, event, sign_up_repeated
from operations.redrive.system import System


def redrive_undeliverable(system: System, selection: Selection) -> Iterator[Outcome]:
    """Release each record and put its event back into the outbox, both or neither."""
    client = system.firestore
    refused = client.collection("deliveries").where(filter=FieldFilter("state", "==", "undeliverable"))
    for page in pages(refused):
        for record in page:
            subscriber, _, event_id = record.id.partition(".")
            if subscriber not in selection.subscribers or not selection.takes(record.id, event_id):
                continue
            yield Outcome((record.id, event_id), _put_back(client, record, event_id, dry_run=selection.dry_run))


def _put_back(client: Client, record: DocumentSnapshot[Any], event_id: str, *, dry_run: bool) -> str:
    """Return why it could not be put back, or nothing."""
    fields = record.to_dict() or {}
    entry: OutboxEntry | None
    if fields.get("type") == "user.sign_up_repeated":
        user_id, occurred_at = fields["user_id"], fields["occurred_at"]
        entry = sign_up_repeated(client, event_id, user_id=user_id, occurred_at=occurred_at)
    else:  # or a record of the time when none said of what event it is
        entry = event(client, event_id)
    if entry is None:
        return "no stored user has this event" + ("" if "user_id" in fields else ", and the record does not name one")
    return "" if dry_run else _release(client, record, entry)


def _release(client: Client, record: DocumentSnapshot[Any], entry: OutboxEntry) -> str:
    """Return why it could not be released, or nothing."""
    batch = client.batch()
    at_version = client.write_option(last_update_time=record.update_time)
    batch.update(record.reference, {"state": "released"}, option=at_version)
    # A create: an entry that is there may have been published already, while the record still said `undeliverable`.
    batch.create(entry.document(client), asdict(entry))
    try:
        batch.commit(**CALL)
    except (Conflict, FailedPrecondition):
        return "it has changed, or its event is still waiting in the outbox"
    return ""
