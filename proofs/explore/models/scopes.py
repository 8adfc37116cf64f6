"""What is explored."""

from collections.abc import Callable, Mapping
from functools import partial

from proofs.explore.firestore_store import frozen
from proofs.explore.messages import Copy
from proofs.explore.models.delivery import push, relay
from proofs.explore.models.mailbox_scopes import MAILBOX_SCOPES
from proofs.explore.models.pusher import give_up
from proofs.explore.models.redrive import REDRIVES, redrive
from proofs.explore.models.scope import Scope
from proofs.explore.models.sign_up import SignUp
from proofs.explore.models.usher import REFUSED, Usher
from proofs.explore.world import NOT_PUBLISHED, NOTHING_YET, World

_ALONE = Usher({}, faults=1, refusals=True)
_WAITING = _ALONE.after(SignUp(), NOTHING_YET, preferred=NOT_PUBLISHED)
_ON_THE_TOPIC = _ALONE.after(SignUp(), NOTHING_YET)
_UNDELIVERABLE = _ALONE.after(push, _ON_THE_TOPIC, preferred=REFUSED)
_DEAD = _ALONE.after(give_up, _ON_THE_TOPIC)
_MALFORMED = World(topic=(Copy(b"{", frozen({"ce-id": "malformed"}), 1),), published=frozen({"malformed": 1}))
_CLEARING_LATE = SignUp(clears_after_the_answer=True)
_PUSHES = {"push 1": push, "push 2": push}
_LAST_ATTEMPTS = {"last attempt 1": give_up, "last attempt 2": give_up}


def _redrives(kind: str) -> Mapping[str, Callable[[], str]]:
    return {f"{kind} {number}": partial(redrive, REDRIVES[kind]) for number in (1, 2)}


_RELAYED = {"relay": relay, "push": push}

SCOPES = (
    Scope("two pushes of an event", _PUSHES, 2, 5, _ON_THE_TOPIC, refusals=True),
    Scope("three pushes of an event", {**_PUSHES, "push 3": push}, 0, 2, _ON_THE_TOPIC, refusals=True),
    Scope("a sign-up and its repeat", {"sign-up": SignUp(), "repeat": _CLEARING_LATE, **_RELAYED}, 1, 2),
    Scope("two sign-ups with one address", {"one": SignUp(), "other": SignUp("other"), **_RELAYED}, 1, 2),
    Scope("a key used with two passwords", {"one": SignUp(), "other": SignUp(password="fig"), **_RELAYED}, 1, 2),
    Scope(
        "a key used with two addresses", {"one": SignUp(), "other": SignUp(email="ann@example.com"), **_RELAYED}, 1, 2
    ),
    Scope("two relays and a repeat", {"relay 2": relay, "repeat": SignUp(), **_RELAYED}, 1, 2, _WAITING),
    Scope(
        "a refused mail, redriven",
        {"repeat": SignUp(), **_RELAYED, **_redrives("redrive --undeliverable")},
        0,
        1,
        _UNDELIVERABLE,
    ),
    Scope("a dead letter, redriven", {**_RELAYED, "last attempt": give_up, **_redrives("redrive")}, 1, 2, _WAITING),
    Scope(
        "a dead letter stored twice, redriven",
        {"relay": relay, **_LAST_ATTEMPTS, "redrive": partial(redrive, REDRIVES["redrive"])},
        1,
        2,
        _ON_THE_TOPIC,
    ),
    Scope(
        "a dead letter of no user", {"push": push, "last attempt": give_up, **_redrives("redrive")}, 1, 2, _MALFORMED
    ),
    Scope("a malformed event, redriven", {**_PUSHES, **_redrives("redrive --malformed")}, 1, 2, _MALFORMED),
    Scope("stored users, redriven", {"relay": relay, **_PUSHES, **_redrives("redrive --from-users")}, 0, 1, _DEAD),
    *MAILBOX_SCOPES,
)
