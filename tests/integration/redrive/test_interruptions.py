"""A redrive is killed before and after each of its side effects, and then run again: nothing may be lost."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.from_users import redrive_from_users
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Outcome, Selection
from operations.redrive.system import System
from operations.redrive.undeliverable import redrive_undeliverable
from shared.contract.delivery_state import DeliveryState
from shared.events.codec import Encoding, encode
from shared.events.event import Event
from testkit.builders import a_user_created
from tests.integration.redrive.fuse import Fuse, KilledError, kill
from tests.integration.redrive.gone_wrong import SUBSCRIBER, GoneWrong

ALL = Selection(subscribers=frozenset([SUBSCRIBER]))


def test_no_dead_letter_is_lost(system: System, gone_wrong: GoneWrong) -> None:
    events, strangers = [], []

    def give_up() -> None:
        events.append(gone_wrong.a_user())
        gone_wrong.a_dead_letter(events[-1])
        strangers.append(gone_wrong.a_dead_letter(a_user_created()))

    interrupt_everywhere(redrive_dead_letters, system, give_up, effects=3)

    assert ids(gone_wrong.outbox()) == ids(events)
    assert {message.data for message in gone_wrong.on_topic()} == {message.data for message in strangers}
    assert gone_wrong.dead_letters() == []


def test_no_undeliverable_event_is_lost(system: System, gone_wrong: GoneWrong) -> None:
    events: list[Event] = []

    def refuse() -> None:
        events.append(gone_wrong.a_reminder() if len(events) % 2 else gone_wrong.a_user())
        gone_wrong.a_delivery(events[-1], DeliveryState.UNDELIVERABLE)

    interrupt_everywhere(redrive_undeliverable, system, refuse, effects=1)

    assert {gone_wrong.state(event.event_id) for event in events} == {DeliveryState.RELEASED}
    assert ids(gone_wrong.outbox()) == ids(events)


def test_no_malformed_event_is_lost(system: System, gone_wrong: GoneWrong) -> None:
    messages = []

    def reject() -> None:
        messages.append(encode(a_user_created(), Encoding.PROTOBUF))
        gone_wrong.a_malformed_event(messages[-1])

    interrupt_everywhere(redrive_malformed, system, reject, effects=2)

    assert {message.data for message in gone_wrong.on_topic()} == {message.data for message in messages}
    assert gone_wrong.malformed_events() == []


def test_no_event_of_a_stored_user_is_lost(system: System, gone_wrong: GoneWrong) -> None:
    events = []

    def lose() -> None:
        events.append(gone_wrong.a_user())

    interrupt_everywhere(redrive_from_users, system, lose, effects=1)

    assert ids(gone_wrong.outbox()) == ids(events)


def test_a_malformed_event_that_is_rejected_again_at_once_keeps_its_record(
    system: System, gone_wrong: GoneWrong
) -> None:
    message = encode(a_user_created(), Encoding.JSON)
    record_id = gone_wrong.a_malformed_event(message)
    rejecting = Fuse(1, after=lambda: gone_wrong.a_malformed_event(message))

    list(redrive_malformed(rejecting.system(system), ALL))

    assert gone_wrong.malformed_events() == [record_id]


def interrupt_everywhere(
    redrive: Callable[[System, Selection], Iterator[Outcome]],
    system: System,
    make_one_more: Callable[[], None],
    *,
    effects: int,
) -> None:
    """Kill a run at each of the `effects` that one thing takes, each time with one thing more, then run to the end."""
    counting = Fuse()
    make_one_more()
    list(redrive(counting.system(system), ALL))
    assert counting.effects == effects
    for number in range(1, effects + 1):
        for killing in (Fuse(number, before=kill), Fuse(number, after=kill)):
            make_one_more()
            with suppress(KilledError):
                list(redrive(killing.system(system), ALL))
    outcomes = list(redrive(system, ALL))
    assert not any(outcome.left for outcome in outcomes)


def ids(events: Iterable[Event]) -> list[str]:
    return sorted(event.event_id for event in events)
