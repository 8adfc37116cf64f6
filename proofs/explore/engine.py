"""
Explores every execution of a model's processes, breadth first: the first violation has the shortest trace.

A state is what is stored, the calls that are still under way, the faults left, and what each process was told so far.
States that agree in all of these have the same future and are one.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple

from proofs.explore.graph import Numbered, executions
from proofs.explore.model import Model, S
from proofs.explore.replay import Call, Told, replay

WITHOUT_A_CAUSE = "without a cause"  # so ends what is said of a crash


class Step(NamedTuple):
    """A line of a trace."""

    process: str
    call: str
    outcome: str
    stored: str


@dataclass(frozen=True)
class Exploration:
    """What was explored; where a promise did not hold, which, and the shortest way there."""

    states: int
    transitions: int
    executions: int
    broken: str = ""
    trace: Sequence[Step] = ()

    @property
    def breaks_a_promise(self) -> bool:
        """A crash of the code breaks none."""
        return bool(self.broken) and not self.broken.endswith(WITHOUT_A_CAUSE)


@dataclass(eq=False, slots=True)
class _Point:
    """Where a process stands: what it was told so far, and the call it stops at, unless it is over."""

    process: int
    history: tuple[Told, ...] = ()
    call: Call | None = None
    answer: str = ""
    next: dict[Told, "_Point"] = field(default_factory=dict)
    moves: dict[int, Sequence["_Move"]] = field(default_factory=dict)


class _Move(NamedTuple):
    how: str
    stored: int
    point: _Point
    faults: int = 0
    under_way: int | None = None
    broken: str = ""


class _State(NamedTuple):
    """What is stored and what is under way, by number; the faults left; where each process stands."""

    stored: int
    under_way: tuple[int, ...]
    faults: int
    points: tuple[_Point, ...]


class Explorer(Generic[S]):
    def __init__(self, model: Model[S]) -> None:
        self._model = model
        self._names = list(model.processes)
        self._over = [_Point(process) for process in range(len(self._names))]
        self._stored, self._calls, self._states = Numbered[S](), Numbered[Call](), Numbered[_State]()
        self._arrived: dict[tuple[int, int], int | None] = {}
        self._verdicts: dict[tuple[int, bool], str] = {}

    def explore(self) -> Exploration:
        points = tuple(self._run(process, ()) for process in range(len(self._names)))
        states = self._states.values
        self._states.number(_State(self._stored.number(self._model.start), (), self._model.faults, points))
        came_from, edges, edges_from = array("q", [0]), array("q"), array("q")
        for at, state in enumerate(states):  # which grows meanwhile
            edges_from.append(len(edges))
            is_end = True
            for process, move, after in self._moves(state):
                is_end &= process is None  # what is under way may never arrive
                edges.append(number := self._states.number(after))
                if number == len(came_from):
                    came_from.append(at)
                if move.broken:
                    trace = [*self._trace(came_from, at), self._step(state, process, move)]
                    return Exploration(len(states), len(edges), 0, move.broken, trace)
            if broken := self._verdict(state.stored, is_end=is_end):
                return Exploration(len(states), len(edges), 0, broken, self._trace(came_from, at))
        return Exploration(len(states), len(edges), executions(edges, edges_from))

    def _moves(self, state: _State) -> Iterator[tuple[int | None, _Move, _State]]:
        stored, under_way, faults, points = state
        for position, call in enumerate(under_way):
            after = self._arrival(call, stored)
            if after not in {None, stored}:
                rest = under_way[:position] + under_way[position + 1 :]
                move = _Move(self._calls.values[call].what, after, points[0])
                yield None, move, self._state(after, rest, faults, points)
        for process, point in enumerate(points):
            moves = point.moves.get(stored)
            if moves is None:
                moves = point.moves[stored] = tuple(self._moves_of(point, stored)) if point.call else ()
            for move in moves:
                if move.faults <= faults:
                    late = under_way if move.under_way is None else tuple(sorted((*under_way, move.under_way)))
                    moved = (*points[:process], move.point, *points[process + 1 :])
                    yield process, move, self._state(move.stored, late, faults - move.faults, moved)

    def _state(self, stored: int, under_way: tuple[int, ...], faults: int, points: tuple[_Point, ...]) -> _State:
        if under_way:
            under_way = tuple(call for call in under_way if self._arrival(call, stored) is not None)
        return _State(stored, under_way, faults, points)

    def _arrival(self, call: int, stored: int) -> int | None:
        """What is stored once a call that is under way has arrived; None if it can never change anything any more."""
        if (call, stored) not in self._arrived:
            what, before = self._calls.values[call], self._stored.values[stored]
            is_void = self._model.is_void(what, before)
            after = None if is_void else self._stored.number(self._model.outcomes(what, before)[0].stored)
            self._arrived[call, stored] = after
        return self._arrived[call, stored]

    def _moves_of(self, point: _Point, stored: int) -> Iterator[_Move]:
        """All that may become of a process's call."""
        call, before = point.call, self._stored.values[stored]
        assert call
        outcomes = self._model.outcomes(call, before)
        for how, after, told, faults in outcomes:
            yield self._told(point, how, after, told, faults=faults)
        unanswered = self._model.unanswered(call) if outcomes else ()
        if not unanswered:
            return
        over = self._over[point.process]
        if not call.changes:
            yield from (self._told(point, "fails", before, told, faults=1) for told in unanswered)
            yield _Move("KILLED", stored, over, faults=1)
            return
        done = outcomes[0]
        number, late = self._stored.number(done.stored), self._calls.number(call)
        for told in unanswered:
            yield self._told(point, "NO REPLY, carried out later or never", before, told, faults=1, under_way=late)
            yield self._told(point, f"{done.how}, REPLY LOST", done.stored, told, faults=1)
        yield _Move("KILLED, carried out later or never", stored, over, 1, late)
        yield _Move(f"{done.how}, KILLED", number, over, 1)
        if call.repeated:
            again = self._model.outcomes(call, done.stored)[0]
            yield self._told(point, f"REPEATED: {again.how}", again.stored, again.told, faults=1)
            yield self._told(point, f"{done.how}, AND AGAIN LATER", *done[1:3], faults=1, under_way=late)

    def _told(
        self, point: _Point, how: str, stored: S, told: Told, *, faults: int, under_way: int | None = None
    ) -> _Move:
        if told not in point.next:
            point.next[told] = self._run(point.process, (*point.history, told))
        reached = point.next[told]
        if reached.call:
            return _Move(how, self._stored.number(stored), reached, faults, under_way)
        broken = self._model.broken_by(self._names[point.process], reached.answer, stored)
        how = f"{how}; {reached.answer}"
        return _Move(how, self._stored.number(stored), self._over[point.process], faults, under_way, broken)

    def _run(self, process: int, history: tuple[Told, ...]) -> _Point:
        name = self._names[process]
        call, answer = replay(name, self._model.processes[name], history)
        return _Point(process, history, call, answer)

    def _verdict(self, stored: int, *, is_end: bool) -> str:
        if (stored, is_end) not in self._verdicts:
            now = self._stored.values[stored]
            broken = self._model.broken(now) or (self._model.unfinished(now) if is_end else "")
            self._verdicts[stored, is_end] = broken
        return self._verdicts[stored, is_end]

    def _trace(self, came_from: Sequence[int], at: int) -> list[Step]:
        steps = []
        while at:
            before, after = self._states.values[came_from[at]], self._states.values[at]
            process, move = next((process, move) for process, move, state in self._moves(before) if state == after)
            steps.append(self._step(before, process, move))
            at = came_from[at]
        return steps[::-1]

    def _step(self, before: _State, process: int | None, move: _Move) -> Step:
        stored = self._model.describe(self._stored.values[move.stored])
        if process is None:
            return Step("", move.how, "arrives late", stored)
        call = before.points[process].call
        return Step(self._names[process], call.what if call else "", move.how, stored)
