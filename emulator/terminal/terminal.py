"""Shows the log lines of every part: short and coloured on a terminal, as JSON elsewhere."""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any, Self, TextIO
from zlib import crc32

from rich.console import Console
from rich.text import Text

from emulator.terminal.log_text import SEVERITY_COLOURS, is_idle, log_text
from emulator.terminal.own_frames import OwnFrames
from emulator.terminal.unblocked import unblocked

_NAME_WIDTH = 12
_NAME_COLOURS = ("cyan", "green", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta", "bright_blue")
_INDENT = len("00:00:00 ") + _NAME_WIDTH + 1
_NARROWEST = 20  # for the text; a terminal that is narrower than that and the indent breaks the lines itself


class Terminal:
    """
    What the person sees. Where `output` is a terminal everything goes there; elsewhere only the log lines, one JSON
    object each, so that they can be piped, and the stack's own words go to `errors`.
    """

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        self._output = output
        self._pretty = output.isatty()
        self._frames: defaultdict[str, OwnFrames] = defaultdict(OwnFrames)
        self.console = Console(file=output if self._pretty else errors, highlight=False, soft_wrap=True)

    @classmethod
    @contextmanager
    def unblocked(cls) -> Iterator[Self]:
        """Open one on the process's own outputs; what libraries write to standard error does not block either."""
        missed = _missed if sys.stdout.isatty() else _missed_as_json
        with (
            unblocked(sys.stdout, missed=missed) as output,
            unblocked(sys.stderr, missed=_missed) as errors,
            redirect_stderr(errors),
        ):
            yield cls(output, errors)

    def line(self, name: str, line: str) -> None:
        """Show a line that the part called `name` has printed."""
        if not line.strip():
            return
        entry = _entry(line)
        if not self._pretty:
            print(_as_json(name, entry or {"message": line}), file=self._output, flush=True)
        elif entry is None:
            if kept := self._frames[name].kept(line):
                self._show(name, Text.from_ansi(kept))
        elif not is_idle(entry):
            for text in log_text(entry):
                self._show(name, Text(text, SEVERITY_COLOURS.get(str(entry.get("severity")), "")))

    def say(self, words: str) -> None:
        """Show what the stack itself has to tell."""
        self.console.print(Text(words))

    def _show(self, name: str, text: Text) -> None:
        """With the function's name before it; what does not fit goes on below itself."""
        first = Text.assemble((time.strftime("%H:%M:%S "), "bright_black"), (f"{name:<{_NAME_WIDTH}} ", _colour(name)))
        lines = text.wrap(self.console, max(self.console.width - _INDENT, _NARROWEST))
        for line in lines:
            line.rstrip()
        self.console.print(first + Text(f"\n{' ' * _INDENT}").join(lines))


def _as_json(name: str, entry: dict[str, Any]) -> str:
    return json.dumps({"function": name, **entry})


def _missed(lines: int) -> str:
    return f"{lines} lines were not shown, because nobody read them\n"


def _missed_as_json(lines: int) -> str:
    return _as_json("stack", {"severity": "WARNING", "message": "lines_not_shown", "lines": lines}) + "\n"


def _colour(name: str) -> str:
    return _NAME_COLOURS[crc32(name.encode()) % len(_NAME_COLOURS)]


def _entry(line: str) -> dict[str, Any] | None:
    """The log entry, if it is one."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
