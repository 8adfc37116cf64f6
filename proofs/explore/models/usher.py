"""Usher as the engine explores it: its processes over one World, what becomes of their calls, what must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proofs.explore import world as google
from proofs.explore.model import Outcome
from proofs.explore.models.delivery import push, relay
from proofs.explore.models.description import described
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

    Without faults leases do not end before their holders do, each sign-up is decided, and no mail is sent twice.
    """

    processes: Mapping[str, Callable[[], str]]
    faults: int
    start: World = NOTHING_YET
    refusals: bool = False

    def outcomes(self, call: Call, stored: World) -> Sequence[Outcome[World]]:
        outcomes = self._outcomes(call, stored)
        return outcomes if self.faults else [each for each in outcomes if each.how != AFTER_THE_LEASE]

    def _outcomes(self, call: Call, stored: World) -> Sequence[Outcome[World]]:
        arguments: Any = call.arguments
        match arguments:
            case ("clock", seconds):
                left = Outcome("time left", stored, Told(seconds))
                return [left, left._replace(how="time over", told=Told(_OVER_SECONDS))][: 1 + (seconds < _OVER_SECONDS)]
            case ("mail", event_id):
                taken = stored._replace(mails=(*stored.mails, event_id))
                refused = [Outcome(REFUSED, stored, _REFUSED)] if self.refusals else []
                return [Outcome("taken", taken, Told()), *refused, Outcome("down", stored, _DOWN, faults=1)]
        return google.outcomes(call, stored)

    def unanswered(self, call: Call) -> Sequence[Told]:
        match call.arguments:
            case ("clock" | "receive", *_):
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
        return next(broken(stored), "")

    def broken_by(self, process: str, answer: str, stored: World) -> str:
        if answer.startswith("500") or (answer == "503" and not self.faults):
            return f"{answer} without a cause"
        request = self.processes[process]
        return broken_answer(request, answer, stored) if isinstance(request, SignUp) else ""

    def after(self, process: Callable[[], str], stored: World, *, preferred: str = "") -> World:
        """What is stored once the process ran undisturbed: each call goes the preferred way, else the usual one."""

        def tell(_: int, call: Call) -> Told:
            nonlocal stored
            outcomes = self._outcomes(call, stored)
            outcome = next((each for each in outcomes if each.how == preferred), outcomes[0])
            stored = outcome.stored
            return outcome.told

        with answered_by(tell, "another"):
            answer_of(process)
        return stored

    def unfinished(self, stored: World) -> str:
        if not any(unfinished(stored)):
            return ""
        after = self.after(relay, stored)
        for _ in after.topic:
            after = self.after(push, after, preferred=AFTER_THE_LEASE)
        return next(broken(after), "") or next(unfinished(after), "")

    def describe(self, stored: World) -> str:
        return "; ".join(described(stored))
