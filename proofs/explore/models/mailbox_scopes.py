"""What is explored where the mailbox comes first: an owner and an attacker."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from proofs.explore.models.delivery import push, relay
from proofs.explore.models.mailbox_first import Asks, Finishes, TimePasses, redrives
from proofs.explore.models.outside import MAILS_A_DAY
from proofs.explore.models.people import ATTACKER, OWNER, SPELLED, TAGGED
from proofs.explore.models.pusher import give_up
from proofs.explore.models.scope import Scope
from proofs.explore.models.usher import Usher
from proofs.explore.world import NOTHING_YET, World

_ALONE = Usher({}, faults=1)


def _asked(*addresses: str, mailed: Callable[[], str] = push, stored: World = NOTHING_YET) -> World:
    """What is stored once links to these addresses were asked for, one a minute, and mailed."""
    for address in addresses:
        name = f"earlier {len(stored.published)}"  # its ids are its own
        asked = _ALONE.after(Asks((address,)), stored.later(timedelta(minutes=1)), name=name)
        stored = _ALONE.after(mailed, asked)
    return stored


_BOTH_HAVE_LINKS = _asked(OWNER.address, ATTACKER.address)
_A_DAY_OF_TAGS = _asked(*(f"owner+{number}@example.com" for number in range(MAILS_A_DAY)))
_A_DAY_OF_MAILS = _asked(*[OWNER.address] * MAILS_A_DAY)
_ANOTHER_DAY_OF_MAILS = _asked(*[OWNER.address] * MAILS_A_DAY, stored=_A_DAY_OF_MAILS.later(timedelta(days=1)))
_DEAD = _asked(OWNER.address, mailed=give_up)
_TAKEN = _ALONE.after(push, _ALONE.after(Finishes(OWNER), _asked(OWNER.address))).later(timedelta(minutes=1))

_OWNER_ASKS, _ANYBODY_ASKS = Asks((OWNER.address,)), Asks((OWNER.address, SPELLED, TAGGED, ATTACKER.address))
_A_DAY, _HOURS_OR_DAYS = TimePasses((timedelta(hours=25),)), TimePasses((timedelta(hours=2), timedelta(days=4)))
_FINISHES = {"owner finishes": Finishes(OWNER), "attacker finishes": Finishes(ATTACKER)}

_scope = partial(Scope, owner=OWNER)

MAILBOX_SCOPES = (
    _scope(
        "links of an owner and an attacker",
        {**_FINISHES, "owner again": Finishes(OWNER), "time": _A_DAY},
        1,
        2,
        _BOTH_HAVE_LINKS,
    ),
    _scope("a link opened twice", {**_FINISHES, "owner elsewhere": Finishes(OWNER, opening=2)}, 1, 2, _BOTH_HAVE_LINKS),
    _scope(
        "two requests for an address",
        {"request 1": _OWNER_ASKS, "request 2": _OWNER_ASKS, "relay": relay, "push": push},
        1,
        2,
    ),
    _scope(
        "requests after a day of tags",
        {"owner asks": _OWNER_ASKS, "attacker asks": _ANYBODY_ASKS},
        1,
        2,
        _A_DAY_OF_TAGS,
    ),
    _scope(
        "requests on several days",
        {"request 1": _OWNER_ASKS, "request 2": _OWNER_ASKS, "time": _HOURS_OR_DAYS},
        1,
        2,
        _ANOTHER_DAY_OF_MAILS,
    ),
    _scope(
        "an owner and an attacker, from their requests on",
        {"owner asks": _OWNER_ASKS, "attacker asks": _ANYBODY_ASKS, **_FINISHES, "push": push},
        0,
        1,
        _asked(ATTACKER.address),
    ),
    _scope(
        "requests for a taken address",
        {"owner asks": _OWNER_ASKS, "attacker asks": _ANYBODY_ASKS, **_FINISHES, "push": push},
        0,
        1,
        _TAKEN,
    ),
    _scope(
        "a link's dead letter, redriven", {"redrive": redrives, **_FINISHES, "push": push, "time": _A_DAY}, 1, 2, _DEAD
    ),
)
