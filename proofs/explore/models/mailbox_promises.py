"""What holds where the mailbox comes first, as predicates of what is stored and of who knows which link."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from proofs.explore.models.mailbox_first import Finishes
from proofs.explore.models.outside import MAILS_A_DAY
from proofs.explore.models.people import ATTACKER, OWNER, Person, ends_at, whose
from proofs.explore.world import World
from shared.contract.documents import OUTBOX, SIGN_UP_REQUESTS, USERS
from shared.contract.outbox_entry import TYPE
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from testkit.fakes import Passwords

_ASKED = {SignUpRequested.type, SignUpRepeated.type}


def broken(stored: World) -> Iterator[str]:
    for promise in (_accounts_are_their_owners, _notes_go_to_holders, _mails_are_few, _counted_mails_are_sent):
        yield from promise(stored)


def broken_answer(finishes: Finishes, answer: str, stored: World) -> str:
    """I6: what an answer says is so. The owner is refused nothing but a link that is spent, and no repeat."""
    person, (status, _, said) = finishes.person, answer.partition(" ")
    match status:
        case "201":
            is_so = person.reads(said) and has_account(person, stored, said)
        case "409":
            is_so = any(stored.all_in(USERS))
        case "410":
            is_ended = any(ends_at(mail) <= stored.now for mail in stored.mails if mail.link)
            is_so = is_ended and not (finishes == Finishes(OWNER) and has_account(person, stored, person.address))
        case "400" | "422":
            is_so = person is ATTACKER
        case _:
            is_so = status == "503"
    return "" if is_so else f"I6: {answer} is not so"


def has_account(person: Person, stored: World, address: str) -> bool:
    mine = (address.lower(), Passwords().hash(person.password).hash)
    return any((user["email"].lower(), user["password"]["hash"]) == mine for _, user in stored.all_in(USERS))


def _accounts_are_their_owners(stored: World) -> Iterator[str]:
    for _, user in stored.all_in(USERS):
        if person := whose(user["email"]):
            if not has_account(person, stored, user["email"]):
                yield "non-interference: an account has another's password"
            if not user["email_verified"]:
                yield "non-interference: an account without a proof"


def _notes_go_to_holders(stored: World) -> Iterator[str]:
    """Where the address is stored in a different spelling than somebody typed, too."""
    noted = {mail.to for mail in stored.mails if mail.type == SignUpRepeated.type}
    if noted - {user["email"] for _, user in stored.all_in(USERS)}:
        yield "non-interference: a note to an address that nobody holds"


def _mails_are_few(stored: World) -> Iterator[str]:
    for one, other in combinations({mail for mail in stored.mails if mail.link}, 2):
        if one.event_id == other.event_id:
            yield "I3: a duplicate with another link"
    mailed = {mail.event_id: (mail.to.lower(), mail.occurred_at) for mail in stored.mails if mail.type in _ASKED}
    waiting = {
        event_id: (entry["email"].lower(), entry["occurred_at"])
        for event_id, entry in stored.all_in(OUTBOX)
        if entry[TYPE] in _ASKED
    }
    for (to, at), (other, then) in combinations((mailed | waiting).values(), 2):
        if to == other and abs(at - then) < timedelta(minutes=1):
            yield "throttle: two mails to one address within a minute"
    on_a_day = Counter((_counted_as(to), at.date()) for to, at in (mailed | waiting).values())
    if max(on_a_day.values(), default=0) > MAILS_A_DAY:
        yield "throttle: too many mails to one address, or to its tags, on a day"


def _counted_as(address: str) -> str:
    """All tagged addresses of a mailbox are one."""
    return f"{address.partition('+')[0]}+" if "+" in address else address


def _counted_mails_are_sent(stored: World) -> Iterator[str]:
    events = {event_id for event_id, _ in stored.all_in(OUTBOX)} | dict(stored.published).keys()
    if {record["event_id"] for _, record in stored.all_in(SIGN_UP_REQUESTS)} - events:
        yield "I1: a mail is counted, and its event is nowhere"
