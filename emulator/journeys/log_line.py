"""Reads the steps of a journey from a function's log line: functions/shared/runtime/logs.py writes it."""

import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from emulator.journeys.journey import Outcome, Step
from emulator.journeys.reasons import in_words
from shared.contract.documents import DELIVERIES, OUTBOX, USERS, delivery_id
from shared.contract.log_events import EffectOutcome, LogEvent

_EFFECT = re.compile(rf"(?P<effect>\w+)_(?P<outcome>{'|'.join(EffectOutcome)})")
_OUTCOMES = {
    EffectOutcome.SENT: Outcome.DONE,
    EffectOutcome.RETRIED: Outcome.WAITING,
    EffectOutcome.REFUSED: Outcome.FAILED,
}
_NAMES = {Outcome.DONE: "accepted", Outcome.WAITING: "waiting", Outcome.FAILED: "refused"}
_EFFECTS = {"sms": "SMS"}


class LogLine(msgspec.Struct, kw_only=True):
    """The fields that journeys are made of. Times are milliseconds. What stored nothing has no `store_ms`."""

    message: str
    user_id: str = ""
    event_id: str = ""
    trace: str = msgspec.field(name="logging.googleapis.com/trace", default="")
    latency_ms: float = 0
    look_up_ms: float = 0
    hash_ms: float = 0
    store_ms: float | None = None
    publish_ms: float = 0
    act_ms: float = 0
    attempts: int = 1
    takeovers: int = 0
    code: str = ""
    reason: str = ""
    subscription: str = ""

    @property
    def trace_id(self) -> str:
        return self.trace.rpartition("/")[2]


_DECODER = msgspec.json.Decoder(LogLine)


def read_log_line(line: str) -> LogLine | None:
    """The line, if it tells of a user or an event."""
    try:
        read = _DECODER.decode(line)
    except msgspec.DecodeError:
        return None
    return read if read.user_id or read.event_id else None


def steps_of(line: LogLine, *, by: str, at: float) -> Iterator[Step]:
    """The steps that a line tells of, which the function `by` has printed at `at`, in seconds of Unix time."""
    if line.message == LogEvent.USER_REGISTERED:
        yield from _registration(line, by, at)
    elif line.message == LogEvent.SIGN_UP_REQUESTED:
        yield from _request(line, by, at)
    elif line.message in (LogEvent.EVENT_LEFT_TO_RELAY, LogEvent.EVENT_NOT_RELAYED):
        yield _publishing(line, Outcome.WAITING, by=by, at=at, reason=in_words(line.reason))
    elif line.message == LogEvent.EVENT_REFUSED:
        yield _publishing(line, Outcome.FAILED, by=by, at=at, reason=in_words("EventRefusedError"))
    elif line.message == LogEvent.EVENT_RELAYED:
        yield _publishing(line, Outcome.DONE, by=by, at=at)
    elif line.message == LogEvent.DELIVERY_TAKEN_OVER:
        yield _delivery(line, "taken over", Outcome.WAITING, by=by, at=at)
    elif line.message == LogEvent.EVENT_DEAD_LETTERED:
        yield _dead_letter(line, by=by, at=at)
    elif effect := _EFFECT.fullmatch(line.message):
        outcome = _OUTCOMES[EffectOutcome(effect["outcome"])]
        name = f"{_EFFECTS.get(effect['effect'], effect['effect'])} {_NAMES[outcome]}"
        pushed = at - line.act_ms / 1000
        yield Step(key=f"{line.event_id} to {by}", name="pushed", by=by, start=pushed, end=pushed, assumed=True)
        yield _delivery(line, name, outcome, by=by, at=at)


def _request(line: LogLine, by: str, at: float) -> Iterator[Step]:
    stored = at - line.publish_ms / 1000  # before the push, whose line may be read first
    started = stored - (line.look_up_ms + (line.store_ms or 0)) / 1000
    yield Step(key=f"{line.event_id} requested", name="link requested", by=by, start=started, end=stored)
    yield replace(_publishing(line, Outcome.DONE, by=by, at=at), start=stored, assumed=True)


def _registration(line: LogLine, by: str, at: float) -> Iterator[Step]:
    stored = at - line.publish_ms / 1000
    hashed = stored - (line.store_ms or 0) / 1000
    started = hashed - line.hash_ms / 1000
    yield Step(key="request", name="request", by=by, start=min(started, at - line.latency_ms / 1000), end=at)
    if line.store_ms is not None:
        user = f"{USERS}/{line.user_id}"
        yield Step(key="hashed", name="hashed", by=by, start=started, end=hashed)
        yield Step(key="stored", name="stored", by=by, start=hashed, end=stored, document=user)
    yield replace(_publishing(line, Outcome.DONE, by=by, at=at), start=stored, assumed=True)


def _publishing(line: LogLine, outcome: Outcome, *, by: str, at: float, reason: str = "") -> Step:
    names = {Outcome.DONE: "published", Outcome.WAITING: "in the outbox", Outcome.FAILED: "not published"}
    return Step(
        key=f"{line.event_id} published",
        name=names[outcome],
        by=by,
        start=at,
        end=at,
        outcome=outcome,
        reason=reason,
        document=None if outcome is Outcome.DONE else f"{OUTBOX}/{line.event_id}",
    )


def _delivery(line: LogLine, name: str, outcome: Outcome, *, by: str, at: float) -> Step:
    return Step(
        key=f"{line.event_id} delivered by {by}",
        name=name,
        by=by,
        start=at - line.act_ms / 1000,
        end=at,
        outcome=outcome,
        attempts=line.attempts,
        takeovers=line.takeovers,
        reason=in_words(line.code),
        document=f"{DELIVERIES}/{delivery_id(by, line.event_id)}",
        counted=True,
    )


def _dead_letter(line: LogLine, *, by: str, at: float) -> Step:
    step = _delivery(line, "given up", Outcome.FAILED, by=by, at=at)
    reason = f"a dead letter after {line.attempts} push{'es' if line.attempts > 1 else ''}"
    return replace(step, attempts=1, reason=reason, counted=False, dead_letter=True)
