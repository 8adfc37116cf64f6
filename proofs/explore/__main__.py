"""
Explores every scope, then breaks each protection, and tables what came of it.

    python -m proofs.explore [--quickly] [--write]

`--quickly` explores fewer faults and breaks nothing. `--write` puts the tables into docs/explore.md. The exit status is
1 where a promise does not hold, and where a protection is broken and no promise: a crash alone does not notice it.
"""

import argparse
import re
import sys
from pathlib import Path

from proofs.explore.exploring import explore_scopes, run_mutants
from proofs.explore.tables import mutant_row, printed_trace, scope_row, tables

_PAGE = Path(__file__).parents[2] / "docs" / "explore.md"
_BEGIN, _END = "<!-- explored: begin -->\n", "<!-- explored: end -->"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quickly", action="store_true", help="fewer faults, seconds, no mutants")
    parser.add_argument("--write", action="store_true", help="rewrite the tables of docs/explore.md")
    options = parser.parse_args()
    explored, mutants = [], []
    for each in explore_scopes(quickly=options.quickly):
        explored.append(each)
        sys.stdout.write(f"{scope_row(each)}\n{printed_trace(each.exploration)}")
    for each in [] if options.quickly else run_mutants():
        mutants.append(each)
        sys.stdout.write(f"{mutant_row(each)}\n")
    if options.write:
        text = tables(explored, mutants)
        page = re.sub(f"(?s){_BEGIN}.*{_END}", lambda _: f"{_BEGIN}\n{text}\n{_END}", _PAGE.read_text())
        _PAGE.write_text(page)
    is_broken = any(each.exploration.broken for each in explored)
    return int(is_broken or not all(each.exploration.breaks_a_promise for each in mutants))


if __name__ == "__main__":
    sys.exit(main())
