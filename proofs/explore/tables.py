"""What was explored, as the tables of docs/explore.md; a trace, as a table for a terminal."""

from collections.abc import Sequence

from proofs.explore.engine import Exploration, Step
from proofs.explore.exploring import Explored

SCOPES_HEAD = (
    "| scope | processes | faults | states | transitions | executions | seconds |\n|---|--:|--:|--:|--:|--:|--:|"
)
MUTANTS_HEAD = "| protection broken | noticed in | faults | promise | trace |\n|---|---|--:|---|--:|"


def tables(explored: Sequence[Explored], mutants: Sequence[Explored]) -> str:
    return (
        "\n".join(
            [SCOPES_HEAD, *map(scope_row, explored), "", MUTANTS_HEAD, *map(mutant_row, mutants)],
        )
        + "\n"
    )


def scope_row(each: Explored) -> str:
    found = each.exploration
    executions = f"{found.executions:,}" if found.executions < 10**6 else f"{found.executions:.1e}"
    counts = f"{found.states:,} | {found.transitions:,} | {found.broken or executions}"
    return f"| {each.scope} | {each.processes} | {each.faults} | {counts} | {each.seconds:.1f} |"


def mutant_row(each: Explored) -> str:
    found = each.exploration
    promise = found.broken.partition(":")[0] if found.broken else "**SURVIVED**"
    name = each.mutant.name if each.mutant else ""
    return f"| {name} | {each.scope} | {each.faults} | {promise} | {len(found.trace)} |"


def printed_trace(found: Exploration) -> str:
    if not found.broken:
        return ""
    rows = [Step("process", "call", "outcome", "what is stored then"), *found.trace]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = ["  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows]
    return f"\n{found.broken}\n" + "".join(f"    {line}\n" for line in lines)
