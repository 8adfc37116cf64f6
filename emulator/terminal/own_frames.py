"""Cuts a traceback to the functions' own frames, and names them by their source instead of their bundle."""

import re
from pathlib import Path

from blueprint.topology import PROJECT_ROOT

_BUNDLES = (PROJECT_ROOT / "build").resolve()
_FRAME = re.compile(r'(?P<indent>[ |]*)File "(?P<path>[^"]+)", line (?P<line>\d+)(?:,(?P<in> in .+))?')


class OwnFrames:
    """Reads what one function prints, line by line. What is not part of a traceback is kept as it is."""

    def __init__(self) -> None:
        self._left_out: int | None = None  # the indentation of the frame that is being left out

    def kept(self, line: str) -> str | None:
        """The line as it is shown, or nothing."""
        if frame := _FRAME.fullmatch(line):
            source = _source_of(Path(frame["path"]))
            self._left_out = None if source else len(frame["indent"])
            return f"{frame['indent']}{source}:{frame['line']}{frame['in'] or ''}" if source else None
        if self._left_out is not None and _indentation(line) > self._left_out:
            return None
        self._left_out = None
        return line


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" |"))  # an exception group's frames hang on bars


def _source_of(path: Path) -> Path | None:
    """Where the code of a bundle comes from."""
    if not path.is_relative_to(_BUNDLES):
        return None
    function, *inside = path.relative_to(_BUNDLES).parts
    return Path("functions", *(inside if inside[0] == "shared" else [function, *inside]))
