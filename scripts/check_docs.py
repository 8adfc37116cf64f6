"""
Fail when a page has a broken link, a line of more than 120 columns or prose in a table, or when the README is long.

    python scripts/check_docs.py ROOT
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_MOST_COLUMNS, _MOST_WORDS_PER_CELL, _MOST_LINES_OF_README = 120, 25, 120
_CODE = re.compile(r"(?ms)^```.*?^```$|`[^`]*`")
_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)")


def main() -> int:
    root = Path(sys.argv[1])
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
    faults = [fault for name in names if (root / name).exists() for fault in _faults(name, root / name)]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return int(bool(faults))


def _faults(name: str, page: Path) -> Iterator[str]:
    lines = page.read_text().splitlines()
    if name == "README.md" and len(lines) > _MOST_LINES_OF_README:
        yield f"{name}: has {len(lines)} lines, more than {_MOST_LINES_OF_README}"
    for number, line in enumerate(lines, 1):
        if len(line) > _MOST_COLUMNS:
            yield f"{name}:{number}: has {len(line)} columns, more than {_MOST_COLUMNS}"
        if line.startswith("|") and max(len(cell.split()) for cell in line.split("|")) > _MOST_WORDS_PER_CELL:
            yield f"{name}:{number}: has a table cell of more than {_MOST_WORDS_PER_CELL} words"
    for path, anchor in _LINK.findall(_CODE.sub("", page.read_text())):
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{name}: links to {path}, which does not exist"
        elif anchor and target.suffix == ".md" and anchor not in _anchors(target):
            yield f"{name}: links to {path}#{anchor}, which {target.name} does not have"


@cache
def _anchors(page: Path) -> frozenset[str]:
    """As GitHub makes them of headings: lower case, hyphens for blanks, no other punctuation."""
    headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^```.*?^```$", "", page.read_text()))
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


if __name__ == "__main__":
    sys.exit(main())
