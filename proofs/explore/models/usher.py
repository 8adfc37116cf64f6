"""Usher as the engine explores it: its processes over one World, what becomes of their calls, what must hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from proofs.explore import world as google
from proofs.explore.engine import WITHOUT_A_CAUSE
from proofs.explore.model import Outcome
from proofs.explore.models import mailbox_promises
from proofs.explore.models.delivery import push, relay
from proofs.explore.models.description import described
from proofs.explore.models.mailbox_first import Asks, Finishes
from proofs.explore.models.mailbox_promises import has_account
from proofs.explore.models.people import Person, links_known_to
from proofs.explore.models.promises import broken, broken_answer, unfinished
from proofs.explore.models.pusher import NOT_CONFIRMED
from proofs.explore.models.sign_up import SignUp
from proofs.explore.replay import Call, Told, answer_of, answered_by
from proofs.explore.world import AFTER_THE_LEASE, NO_REPLY, NOTHING_YET, UNAVAILABLE, World
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError

REFUSED = "refused for good"
_DOWN = Told(error=NotDeliveredError("smtp_421"))
_REFUSED = Told(error=UndeliverableError("smtp_550"))
_UNKNOWN = Told(error=NotDeliveredError("smtp_lost", outcome_unknown=True))
_NOT_CONFIRMED = Told(error=NOT_CONFIRMED)
_OVER_SECONDS = 1e6


@dataclass
class Usher:
    """
    Processes over one World. `refusals`: the mail server may refuse a mail for good.

    Without faults leases do not end before their holders do, each sign-up is decided, and no mail is sent twice. Where
    an `owner` is named she gets her account in the end.
    """

    processes: Mapping[str, Callable[[], str]]
    faults: int
    start: World = NOTHING_YET
    refusals: bool = False
    owner: Person | None = None

    def outcomes(self, call: Call, stored: World) -> Sequence[Outcome[World]]:
        outcomes = self._outcomes(call, stored)
        return outcomes if self.faults else [each for each in outcomes if each.how != AFTER_THE_LEASE]

    def _outcomes(self, call: Call, stored: World) -> Sequence[Outcome[World]]:
        arguments: Any = call.arguments
        match arguments:
            case ("clock", seconds):
                left = Outcome("time left", stored, Told(seconds))
                return [left, left._replace(how="time over", told=Told(_OVER_SECONDS))][: 1 + (seconds < _OVER_SECONDS)]
            case ("mail", mail):
                taken = stored._replace(mails=(*stored.mails, mail))
                refused = [Outcome(REFUSED, stored, _REFUSED)] if self.refusals else []
                return [Outcome("taken", taken, Told()), *refused, Outcome("down", stored, _DOWN, faults=1)]
            case ("choose", *choices):
                return [Outcome(choice, stored, Told(choice)) for choice in choices]
            case ("open", person):
                links = dict.fromkeys(links_known_to(person, stored))
                return [Outcome(f"link {number}", stored, Told(link)) for number, link in enumerate(links)]
            case ("pass", *times):
                ways = {stored.later(time): f"{time} passes" for time in times}
                ways = {later.without_expired(): f"{how}, and records expire" for later, how in ways.items()} | ways
                return [Outcome(how, after, Told()) for after, how in ways.items()]
        return google.outcomes(call, stored)

    def unanswered(self, call: Call) -> Sequence[Told]:
        match call.arguments:
            case ("clock" | "receive" | "choose" | "open" | "pass", *_):
                return []
            case ("mail", _):
                return [_UNKNOWN]
            case ("acknowledge", _):
                return [Told()]  # the subscriber is not told
            case ("store letter", _):
                return [_NOT_CONFIRMED]
            case ("publish", _):
                return [NO_REPLY, UNAVAILABLE]
        return [NO_REPLY]

    def is_void(self, call: Call, stored: World) -> bool:
        return google.is_void(call, stored)

    def broken(self, stored: World) -> str:
        if not self.faults and len(set(stored.mails)) < len(stored.mails):
            return "I3: a duplicate without a fault"
        return next(_broken(stored), "")

    def broken_by(self, process: str, answer: str, stored: World) -> str:
        if answer.startswith("500") or (answer.startswith("503") and not self.faults):
            return f"{answer} {WITHOUT_A_CAUSE}"
        match self.processes[process]:
            case SignUp() as request:
                return broken_answer(request, answer, stored)
            case Finishes() as request:
                return mailbox_promises.broken_answer(request, answer, stored)
        return ""

    def after(self, process: Callable[[], str], stored: World, *, preferred: str = "", name: str = "another") -> World:
        """What is stored once the process ran undisturbed: each call goes the preferred way, else the usual one."""

        def tell(_: int, call: Call) -> Told:
            nonlocal stored
            outcomes = self._outcomes(call, stored)
            outcome = next((each for each in outcomes if each.how == preferred), outcomes[0])
            stored = outcome.stored
            return outcome.told

        with answered_by(tell, name):
            answer_of(process)
        return stored

    def unfinished(self, stored: World) -> str:
        after = self._delivered(stored) if any(unfinished(stored)) else stored
        return next(chain(_broken(after), unfinished(after)), "") or self._left_out(after)

    def _delivered(self, stored: World) -> World:
        after = self.after(relay, stored)
        for _ in after.topic:
            after = self.after(push, after, preferred=AFTER_THE_LEASE)
        return after

    def _left_out(self, stored: World) -> str:
        """Whether the owner, who asks again a minute later and opens her links, does not get her account."""
        if self.owner is None or has_account(self.owner, stored, self.owner.address):
            return ""
        a_minute_later = stored.later(timedelta(minutes=1))
        after = self._delivered(self.after(Asks((self.owner.address,)), a_minute_later, name="the owner again"))
        for number, _ in enumerate(links_known_to(self.owner, after)):
            after = self.after(Finishes(self.owner), after, preferred=f"link {number}")
        return "" if has_account(self.owner, after, self.owner.address) else "non-interference: the owner is left out"

    def describe(self, stored: World) -> str:
        return "; ".join(described(stored))


def _broken(stored: World) -> Iterator[str]:
    return chain(broken(stored), mailbox_promises.broken(stored))
