"""Walks the list of steps: forward to deploy, backward to remove."""

import re
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex

from blueprint.gcloud import Command, GcloudError, Run
from deploy.settings import SettingsError
from deploy.step import (
    ACCESS_SECONDS,
    ALREADY_THERE,
    MAY_NOT_EXIST,
    NAMED_PAUSE,
    NEW_GRANT,
    PATIENCE_SECONDS,
    Payload,
    Step,
    filled,
)

_GONE = (
    "NOT_FOUND|[Nn]ot found|does not exist|[Cc]annot find|could not be found"
    # without gcloud's alpha component no alert was ever created
    "|command group installed"
)
_FIRST_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 30.0


def _print(text: str) -> None:
    print(text, end="", flush=True)


@dataclass
class Walk:
    """
    Carries out steps and shows a line for each.

    `show` prints the start or the end of a line, at once; `left_out` names the steps that failed and stopped nothing.
    Each try of a command has an `${ATTEMPT}` of its own: a revision's name is taken even if the revision does not
    start.
    """

    run: Run
    show: Callable[[str], None] = _print
    first_pause_seconds: float = _FIRST_PAUSE_SECONDS
    variables: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    # What the checks printed: steps ask for one list together, and each looks for its own name in it.
    _checked: dict[Command, list[str]] = field(default_factory=dict)

    def up(self, steps: Sequence[Step]) -> None:
        """
        Carry out the steps, in order.

        Raises:
            GcloudError, SettingsError: A step failed or refused. The steps before it hold.
        """
        for number, step in enumerate(steps, 1):
            try:
                self._line(f"[{number}/{len(steps)}] {step.sentence}", self._up, step)
            except (GcloudError, SettingsError) as error:
                if not step.may_fail:
                    raise
                self.show(f"{error}\n")
                self.left_out.append(step.sentence)
                self._filling(step, "")

    def down(self, steps: Iterable[Step], *, drop_data: bool) -> None:
        """
        Undo the steps, last first; those that hold data only with `drop_data`.

        Raises:
            GcloudError: A step failed. The steps after it are undone.
        """
        for step in reversed(list(steps)):
            if step.undo and (drop_data or not step.holds_data):
                self._line(f"Undo: {step.sentence}", self._down, step)

    def _line(self, sentence: str, act: Callable[[Step], str], step: Step) -> None:
        self.show(f"{sentence} ... ")
        started = time.monotonic()
        try:
            outcome = act(step)
        except Exception:
            self.show("FAILED\n")
            raise
        self.show(f"{outcome} ({time.monotonic() - started:.1f} s)\n")

    def _up(self, step: Step) -> str:
        is_so = bool(step.check) and self._is_so(step)
        found = "\n".join(self._checked.get(step.check, []))
        if not is_so:
            if step.act:
                step.act(self.variables)
            try:
                printed = self._patiently(step, step.command, step.payload, found=found) if step.command else ""
                return self._filling(step, printed) or "done"
            except GcloudError as error:
                if not (step.there and error.says(ALREADY_THERE)):
                    raise
        if step.refusal:
            raise SettingsError(step.refusal)
        if step.there is None:
            self._filling(step, found)
        if step.update:
            self._patiently(step, step.update, step.payload, found=found)
            return "updated"
        return "already done"

    def _filling(self, step: Step, printed: str) -> str:
        if not step.fills:
            return ""
        self.variables[step.fills] = printed
        return printed

    def _down(self, step: Step) -> str:
        try:
            found = self._patiently(step, step.check).splitlines() if "${FOUND}" in step.undo else ["it"]
            for one in found:
                self._patiently(step, step.undo, found=one)
        except GcloudError as error:
            if not error.says(_GONE):
                raise
            found = []
        return "gone" if found else "already gone"

    def _is_so(self, step: Step) -> bool:
        if step.check not in self._checked:
            self._checked[step.check] = self._patiently(step, step.check).splitlines()
        lines = self._checked[step.check]
        return step.there in lines if step.there else lines != []

    def _patiently(self, step: Step, command: Command, payload: Payload | None = None, *, found: str = "") -> str:
        given = payload.read(found) if payload else None
        started, pause = time.monotonic(), self.first_pause_seconds
        while True:
            try:
                variables = ChainMap({"FOUND": found, "ATTEMPT": token_hex(3)}, self.variables)
                return self.run(filled(command, variables), given)
            except GcloudError as error:
                named = re.search(NAMED_PAUSE, error.message)
                wait = float(named[1]) + 1 if named else pause
                if time.monotonic() + wait > started + _patience_seconds(step, error):
                    raise
            self.show(f"waiting {wait:.0f} s ... " if named else "waiting ... ")
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _patience_seconds(step: Step, error: GcloudError) -> float:
    """How long the step's commands are repeated while gcloud says this."""
    if error.says(NAMED_PAUSE):
        return 2 * PATIENCE_SECONDS
    if not error.says(step.retried):
        return 0
    return ACCESS_SECONDS if error.says(MAY_NOT_EXIST) and not error.says(NEW_GRANT) else step.patience_seconds
