"""
Fail where Python code retypes a name of functions/shared/contract: of a collection, alone or in a path, or a log event.

Tests retype them on purpose: that is what holds the names.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from shared.contract import documents
from shared.contract.log_events import LogEvent

_CONTRACT = "functions/shared/contract/"
_NOT_LOOKED_AT = ("tests/", _CONTRACT, "benchmarks/quickstart/")  # the last is Google's sample, which knows no contract
COLLECTIONS = {value for name, value in vars(documents).items() if name.isupper()}
_LOG_EVENT = re.compile(rf"(?<![\w./])({'|'.join(LogEvent)})\b")  # not in an event's type, or a file's path


def main() -> int:
    retyped = [f"{path}:{line}: {text!r}" for path in _files() for text, line in _literals(path) if holds_a_name(text)]
    for each in retyped:
        print(f"{each}: take the name from {_CONTRACT}")
    return 1 if retyped else 0


def _files() -> Iterator[str]:
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py")
    for path in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        if not path.startswith(_NOT_LOOKED_AT) and Path(path).exists():
            yield path


def _literals(path: str) -> Iterator[tuple[str, int]]:
    """Texts and their lines, also those in f-strings; no docstrings."""
    nodes = list(ast.walk(ast.parse(Path(path).read_text())))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value, node.lineno


def holds_a_name(text: str) -> bool:
    return not COLLECTIONS.isdisjoint(text.split("/")) or _LOG_EVENT.search(text) is not None


if __name__ == "__main__":
    sys.exit(main())
