"""Without a selector: events that the broker gave up on."""

from collections.abc import Iterator, Mapping, Sequence

from operations.broker import DeadLetter
from operations.redrive.messages import put_on_topic
from operations.redrive.selection import Outcome, Selection, is_uuid
from operations.redrive.stored_users import events_of, put_in_outbox
from operations.redrive.system import System
from shared.events.user_created import UserCreated


def redrive_dead_letters(system: System, selection: Selection) -> Iterator[Outcome]:
    """
    Put the event of each stored user back into the outbox, and everything else on the topic as it is: a link that has
    expired meanwhile, too. send_email then records it, by the store's clock, and it no longer counts as a dead letter.

    A dead letter is acknowledged only after that. One that stays is held until the end, so that it is met once.
    """
    held: dict[str, DeadLetter] = {}
    try:
        while page := [letter for letter in system.broker.pull() if letter.id not in held]:
            held |= {letter.id: letter for letter in page}
            taken = [letter for letter in page if selection.takes(*_ids(letter))]
            left = _put_back(system, taken) if taken and not selection.dry_run else {}
            for letter in taken:
                if letter.id not in left and not selection.dry_run:
                    del held[letter.id]
                yield Outcome(_ids(letter), left.get(letter.id, ""))
    finally:
        system.broker.release(held.values())


def _put_back(system: System, letters: Sequence[DeadLetter]) -> Mapping[str, str]:
    """Return why some could not be put back, by their own ids; the others are acknowledged."""
    subjects = {letter.message.attributes.get("ce-subject", "") for letter in letters}
    stored = events_of(system.firestore, set(filter(is_uuid, subjects)))
    events: dict[str, UserCreated] = {event.event_id: event for event in stored}
    known = [letter for letter in letters if _event_id(letter) in events]
    put_in_outbox(system.firestore, [events[_event_id(letter)] for letter in known])
    left = {
        letter.id: reason
        for letter in letters
        if _event_id(letter) not in events and (reason := put_on_topic(system, letter.message))
    }
    if done := [letter for letter in letters if letter.id not in left]:
        system.broker.acknowledge(done)
    return left


def _ids(letter: DeadLetter) -> tuple[str, ...]:
    """The event's id, where it is one: what comes from outside is not printed. And the broker's own."""
    return (event_id, letter.id) if is_uuid(event_id := _event_id(letter)) else (letter.id,)


def _event_id(letter: DeadLetter) -> str:
    return letter.message.attributes.get("ce-id", "")
