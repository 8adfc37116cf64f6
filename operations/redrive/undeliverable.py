"""`--undeliverable`: deliveries that were permanently refused, once the cause is fixed."""

from collections.abc import Iterator
from typing import Any

from google.api_core.exceptions import Conflict, FailedPrecondition
from google.cloud.firestore import Client, DocumentSnapshot
from google.cloud.firestore_v1.base_query import FieldFilter

from operations.redrive.documents import CALL, pages
from operations.redrive.selection import Outcome, Selection
from operations.redrive.stored_users import event_with_id, sign_up_repeated
from operations.redrive.system import System
from shared.contract.delivery_state import LINK_EXPIRED, DeliveryState
from shared.contract.documents import DELIVERIES, OUTBOX, parts_of_delivery_id
from shared.events.event import Event, EventId
from shared.events.outbox_entry import entry_of
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested


def redrive_undeliverable(system: System, selection: Selection) -> Iterator[Outcome]:
    """Release each record and put its event back into the outbox, both or neither."""
    client = system.firestore
    refused = client.collection(DELIVERIES).where(filter=FieldFilter("state", "==", DeliveryState.UNDELIVERABLE))
    for page in pages(refused):
        for record in page:
            subscriber, event_id = parts_of_delivery_id(record.id)
            if subscriber not in selection.subscribers or not selection.takes(record.id, event_id):
                continue
            yield Outcome((record.id, event_id), _put_back(client, record, event_id, dry_run=selection.dry_run))


def _put_back(client: Client, record: DocumentSnapshot[Any], event_id: str, *, dry_run: bool) -> str:
    """Return why it could not be put back, or nothing."""
    fields = record.to_dict() or {}
    event: Event | None
    if fields.get("type") == SignUpRequested.type:  # nobody holds its address yet, so nothing keeps it
        why = "its link has expired" if fields.get("last_error") == LINK_EXPIRED else "no stored user has this event"
        return f"{why}: the person can request another link"
    if fields.get("type") == SignUpRepeated.type:
        user_id, occurred_at = fields["user_id"], fields["occurred_at"]
        event = sign_up_repeated(client, EventId(event_id), user_id=user_id, occurred_at=occurred_at)
    else:  # or a record from before records named their event
        event = event_with_id(client, event_id)
    if event is None:
        return "no stored user has this event" + ("" if "user_id" in fields else ", and the record does not name one")
    return "" if dry_run else _release(client, record, event)


def _release(client: Client, record: DocumentSnapshot[Any], event: Event) -> str:
    """Return why it could not be released, or nothing."""
    batch = client.batch()
    at_version = client.write_option(last_update_time=record.update_time)
    batch.update(record.reference, {"state": DeliveryState.RELEASED}, option=at_version)
    # A create: an entry that is there may have been published already, while the record still said `undeliverable`.
    batch.create(client.document(OUTBOX, event.event_id), entry_of(event))
    try:
        batch.commit(**CALL)
    except (Conflict, FailedPrecondition):
        return "it has changed, or its event is still waiting in the outbox"
    return ""
