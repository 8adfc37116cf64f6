"""One sign-up's journey: its steps on a timeline."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from shared.contract.documents import DELIVERIES, delivery_id, parts_of_delivery_id

_OPENED = "link opened"


class Outcome(StrEnum):
    """How a step ended; `waiting` is retried."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Step:
    """
    One step, by one function, in seconds of Unix time.

    `key` is the same for every attempt at it. `reason` says in words why the last attempt failed. `document` is the
    path of the document behind it. A step that is `assumed` is one that no earlier line has told of otherwise. Where
    the function counts the attempts itself the step is `counted`: they may be told of out of order. A `dead_letter` is
    what the broker has given up.
    """

    key: str
    name: str
    by: str
    start: float
    end: float
    outcome: Outcome = Outcome.DONE
    attempts: int = 1
    takeovers: int = 0
    reason: str = ""
    document: str | None = None
    assumed: bool = False
    counted: bool = False
    dead_letter: bool = False

    @property
    def detail(self) -> str:
        """What a person should know about it, or nothing."""
        notes = [
            f"{self.attempts} attempts" if self.attempts > 1 else "",
            f"taken over {self.takeovers} time{'s' if self.takeovers > 1 else ''}" if self.takeovers else "",
            self.reason,
        ]
        return ", ".join(filter(None, notes))

    def is_of_delivery(self, ids: Collection[str]) -> bool:
        """Whether it is an unfinished delivery with one of these ids: a refused one's record's, else its event's."""
        collection, _, record_id = (self.document or "").partition("/")
        if collection != DELIVERIES or self.outcome is Outcome.DONE:
            return False
        is_refused = self.outcome is Outcome.FAILED and not self.dead_letter
        return (record_id if is_refused else parts_of_delivery_id(record_id)[1]) in ids

    def is_outdated_by(self, known: "Step") -> bool:
        """Whether it comes from a holder who was late, or what is known is final."""
        unfinished = known.outcome is Outcome.DONE and self.outcome is not Outcome.DONE
        is_late = self.counted and self.attempts < known.attempts
        return self.assumed or is_late or (unfinished and (self.counted or self.dead_letter))

    def after(self, earlier: "Step") -> "Step":
        """The step with the attempts before it counted in."""
        attempts = self.attempts if self.counted else earlier.attempts + (not self.dead_letter)
        return replace(self, start=min(self.start, earlier.start), attempts=attempts)


@dataclass
class Journey:
    """
    What is known of one user's sign-up, and of the requests for a link before and after it.

    Logs never hold the name and the address: they come later. A request's subject is random: it is the `user_id` until
    the user is known, and then one of `former_ids`.
    """

    user_id: str
    trace_id: str = ""
    name: str = ""
    email: str = ""
    former_ids: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)

    @property
    def event_id(self) -> str:
        """That of the registration, or before it of the first request."""
        return min(self.events, key=self._is_request, default="")

    @property
    def ids(self) -> set[str]:
        """All that it is known by."""
        return {self.user_id, *self.former_ids, *self.events}

    @property
    def is_of_requests_only(self) -> bool:
        return bool(self.events) and all(map(self._is_request, self.events))

    def _is_request(self, event_id: str) -> bool:
        return f"{event_id} requested" in self.steps

    def meet(self, event_id: str) -> None:
        if event_id and event_id not in self.events:
            self.events.append(event_id)

    def absorb(self, request: "Journey") -> None:
        """Go on from another journey, of requests only, that has turned out to be the same person's."""
        self.former_ids += [request.user_id, *request.former_ids]
        self.events += request.events
        self.steps = request.steps | self.steps

    def open_link(self, *, by: str, at: float) -> None:
        """Take note that a link was opened, unless that is known already."""
        self.steps.setdefault(_OPENED, Step(key=_OPENED, name=_OPENED, by=by, start=at, end=at))

    def take(self, step: Step) -> None:
        earlier = self.steps.get(step.key)
        if earlier is None:
            self.steps[step.key] = step
        elif not step.is_outdated_by(earlier):
            self.steps[step.key] = step.after(earlier)

    def put_back(self, ids: Collection[str], *, at: float, reason: str) -> bool:
        """Let the deliveries with these ids wait again; return whether there are any."""
        again = {
            key: replace(step, name="put back", end=at, outcome=Outcome.WAITING, reason=reason)
            for key, step in self.steps.items()
            if step.is_of_delivery(ids)
        }
        self.steps |= again
        for event_id in {parts_of_delivery_id(step.document or "")[1] for step in again.values()}:
            if published := self.steps.pop(f"{event_id} published", None):  # so that the relay's is a step of its own
                self.steps[f"{event_id} published before {at}"] = published
        return bool(again)

    def in_order(self) -> list[Step]:
        """By their start. Whoever has finished has opened a link, at the latest then."""
        steps = self.steps
        if self.former_ids and _OPENED not in steps and (finished := steps.get("request")):
            steps = {_OPENED: replace(finished, name=_OPENED, end=finished.start, attempts=1), **steps}
        return sorted(steps.values(), key=lambda step: step.start)

    def state(self, subscribers: Collection[str]) -> str:
        """
        `complete` once every subscriber has done its part; `failed` and `waiting` need a look or patience.

        A request has done its own with a mail: the rest is up to a person. Its address may be that of a user who is
        there already, and then there is no rest.
        """
        outcomes = {step.outcome for step in self.steps.values()}
        for outcome in (Outcome.FAILED, Outcome.WAITING):
            if outcome in outcomes:
                return outcome
        done = {step.document for step in self.steps.values() if step.counted}
        if not self.is_of_requests_only:
            expected = {f"{DELIVERIES}/{delivery_id(subscriber, self.event_id)}" for subscriber in subscribers}
            return "complete" if done >= expected else "under way"
        if not done:
            return "under way"
        return "complete" if self.name else _OPENED if _OPENED in self.steps else "link mailed"

    def as_json(self, subscribers: Collection[str]) -> dict[str, Any]:
        """What the browser and `python -m emulator trace` show."""
        return {
            "user_id": self.user_id,
            "former_ids": self.former_ids,
            "event_id": self.event_id,
            "trace_id": self.trace_id,
            "name": self.name,
            "email": self.email,
            "state": self.state(subscribers),
            "steps": [
                {
                    "name": step.name,
                    "by": step.by,
                    "start": step.start,
                    "end": step.end,
                    "outcome": step.outcome,
                    "detail": step.detail,
                    "document": step.document,
                    "is_of_user": step.key.startswith(f"{self.event_id} ") and not self.is_of_requests_only,
                }
                for step in self.in_order()
            ],
        }
