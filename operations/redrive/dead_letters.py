"""Without a selector: events that Pub/Sub gave up on."""

from collections.abc import Iterator, Mapping, Sequence

from google.api_core.exceptions import DeadlineExceeded
from google.pubsub_v1.types import ReceivedMessage

from operations.redrive.documents import CALL
from operations.redrive.messages import put_on_topic
from operations.redrive.selection import Outcome, Selection, is_uuid
from operations.redrive.stored_users import events_of, put_in_outbox
from operations.redrive.system import System
from shared.events.user_created import UserCreated

_PAGE = 100
_WAIT_SECONDS = 3.0  # for a message; then the subscription counts as empty
_HELD_SECONDS = 60  # how long a redrive that is killed hides them from the next


def redrive_dead_letters(system: System, selection: Selection) -> Iterator[Outcome]:
    """
    Put the event of each stored user back into the outbox, and everything else on the topic as it is.

    A dead letter is acknowledged only after that. One that stays is held until the end, so that it is met once.
    """
    held: dict[str, str] = {}
    try:
        while page := [letter for letter in _pull(system) if letter.message.message_id not in held]:
            held |= {letter.message.message_id: letter.ack_id for letter in page}
            _hold(system, [letter.ack_id for letter in page], seconds=_HELD_SECONDS)
            taken = [letter for letter in page if selection.takes(*_ids(letter))]
            left = _put_back(system, taken) if taken and not selection.dry_run else {}
            for letter in taken:
                message_id = letter.message.message_id
                if message_id not in left and not selection.dry_run:
                    del held[message_id]
                yield Outcome(_ids(letter), left.get(message_id, ""))
    finally:
        ack_ids = list(held.values())
        for start in range(0, len(ack_ids), _PAGE):
            _hold(system, ack_ids[start : start + _PAGE], seconds=0)


def _put_back(system: System, letters: Sequence[ReceivedMessage]) -> Mapping[str, str]:
    """Return why some could not be put back, by message id; the others are acknowledged."""
    subjects = {letter.message.attributes.get("ce-subject", "") for letter in letters}
    stored = events_of(system.firestore, set(filter(is_uuid, subjects)))
    events: dict[str, UserCreated] = {event.event_id: event for event in stored}
    known = [letter for letter in letters if _event_id(letter) in events]
    put_in_outbox(system.firestore, [events[_event_id(letter)] for letter in known])
    left = {
        letter.message.message_id: reason
        for letter in letters
        if _event_id(letter) not in events
        and (reason := put_on_topic(system, letter.message.data, letter.message.attributes))
    }
    if done := [letter.ack_id for letter in letters if letter.message.message_id not in left]:
        system.subscriber.acknowledge({"subscription": system.dead_letters, "ack_ids": done}, **CALL)
    return left


def _pull(system: System) -> Sequence[ReceivedMessage]:
    request = {"subscription": system.dead_letters, "max_messages": _PAGE}
    try:
        return system.subscriber.pull(request, retry=None, timeout=_WAIT_SECONDS).received_messages
    except DeadlineExceeded:
        return []


def _hold(system: System, ack_ids: Sequence[str], *, seconds: int) -> None:
    request = {"subscription": system.dead_letters, "ack_ids": ack_ids, "ack_deadline_seconds": seconds}
    system.subscriber.modify_ack_deadline(request, **CALL)


def _ids(letter: ReceivedMessage) -> tuple[str, ...]:
    """The event's id, where it is one: what comes from outside is not printed. And Pub/Sub's own."""
    message_id = letter.message.message_id
    return (event_id, message_id) if is_uuid(event_id := _event_id(letter)) else (message_id,)


def _event_id(letter: ReceivedMessage) -> str:
    return letter.message.attributes.get("ce-id", "")
