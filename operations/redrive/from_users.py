"""`--from-users`: the events of stored users that some subscriber has not finished with."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from google.cloud.firestore import Client

from operations.redrive.documents import CALL
from operations.redrive.selection import Outcome, Selection
from operations.redrive.stored_users import event_with_id, events_since, put_in_outbox
from operations.redrive.system import System
from shared.contract.delivery_state import FINISHED, RECORDS_RELIED_ON
from shared.contract.documents import DELIVERIES, delivery_id
from shared.events.user_created import UserCreated


def redrive_from_users(system: System, selection: Selection) -> Iterator[Outcome]:
    """
    Put the events back into the outbox, a page of users at a time, oldest first; of users older than 80 days only
    those named, for no record says any more that their mail was sent.

    An event that is under way just now is among them: the subscribers drop its duplicate.
    """
    client = system.firestore
    named = [found for event_id in sorted(selection.ids) if (found := event_with_id(client, event_id))]
    recent = events_since(client, datetime.now(UTC) - RECORDS_RELIED_ON, after=selection.after)
    for page in [named] if selection.ids else recent:
        unfinished = _unfinished(client, page, selection.subscribers)
        if not selection.dry_run:
            put_in_outbox(client, unfinished)
        for event in unfinished:
            yield Outcome((event.event_id,))
        if not selection.ids:
            selection.reached(page[-1].user_id)


def _unfinished(client: Client, page: list[UserCreated], subscribers: Iterable[str]) -> list[UserCreated]:
    wanted = {delivery_id(subscriber, event.event_id): event for event in page for subscriber in sorted(subscribers)}
    records = [client.document(DELIVERIES, record_id) for record_id in wanted]
    for record in client.get_all(records, ["state"], **CALL):
        if record.exists and record.get("state") in FINISHED:
            del wanted[record.id]
    return list({event.event_id: event for event in wanted.values()}.values())
