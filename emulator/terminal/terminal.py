"""Shows the log lines of every part: short and coloured on a terminal, untouched elsewhere."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TextIO
from zlib import crc32

from rich.console import Console
from rich.text import Text

_NAME_WIDTH = 12
_NAME_COLOURS = ("cyan", "green", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta", "bright_blue")
_SEVERITY_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "bold red"}
# Either not what a person at a terminal looks for, or shown in a place of its own.
_NOT_AMONG_FIELDS = {"message", "severity", "latency_ms", "stack", "time", "timestamp", "trace", "spanId"}
_HIDDEN_PREFIX = "logging.googleapis.com/"


class Terminal:
    """
    What the person sees. Where `output` is a terminal everything goes there; elsewhere only the log lines, so that they
    can be piped, and the stack's own words go to `errors`.
    """

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        self._output = output
        self._pretty = output.isatty()
        self.console = Console(file=output if self._pretty else errors, highlight=False, soft_wrap=True)

    def line(self, name: str, line: str) -> None:
        """Show a line that the part called `name` has printed."""
        if self._pretty:
            self.console.print(Text.assemble((f"{name:<{_NAME_WIDTH}} ", _colour(name)), _readable(line)))
        else:
            with suppress(BrokenPipeError):  # whoever read the log has gone; the stack goes on
                print(line, file=self._output, flush=True)

    def say(self, words: str) -> None:
        """Show what the stack itself has to tell."""
        self.console.print(Text(words))


def _colour(name: str) -> str:
    return _NAME_COLOURS[crc32(name.encode()) % len(_NAME_COLOURS)]


def _readable(line: str) -> Text:
    try:
        entry = json.loads(line)
    except ValueError:
        return Text.from_ansi(line)
    if not isinstance(entry, dict):
        return Text(line)
    return Text(" ".join(_words(entry)), style=_SEVERITY_COLOURS.get(str(entry.get("severity")), ""))


def _words(entry: Mapping[str, object]) -> Iterator[str]:
    if "message" in entry:
        yield str(entry["message"])
    for key, value in entry.items():
        if key not in _NOT_AMONG_FIELDS and not key.startswith(_HIDDEN_PREFIX):
            yield f"{key}={value}"
    if "latency_ms" in entry:
        yield f"{entry['latency_ms']} ms"
    if "stack" in entry:
        yield f"\n{entry['stack']}".rstrip()
