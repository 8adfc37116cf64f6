"""
Kills a function before and after each of its side effects, in every scenario, and tables what came of it.

    python -m proofs.crash_points [--write]

`--write` puts the table into docs/reliability.md. The points are those that each scenario passes when nothing crashes.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from proofs.crash_case import Result, run_case
from proofs.promises import acceptance_is_unrecorded
from proofs.scenarios import SCENARIOS, Scenario
from testkit.canary import PEPPERS
from testkit.mail_server import MailServer
from testkit.project import emulators_of
from testkit.stack import LocalStack

Crash = tuple[Scenario, str | None]

_PARALLEL = 8
_PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- crash-point table: begin -->\n", "<!-- crash-point table: end -->"


def record(stack: LocalStack) -> list[Result]:
    """Run every scenario without a crash: the results list its moments, redeliveries left out."""
    results = run(stack, [(scenario, None) for scenario in SCENARIOS])
    return [replace(result, moments=_without_redeliveries(result.scenario, result.moments)) for result in results]


def _without_redeliveries(scenario: Scenario, moments: Sequence[str]) -> Sequence[str]:
    """A redelivery is a scenario of its own. Nothing is redelivered to create_user, which works on after its reply."""
    if scenario.function == "create_user":
        return moments
    replies = [number for number, moment in enumerate(moments, 1) if moment.startswith("after http:reply")]
    return moments[: min(replies, default=len(moments))]


def every_crash(recordings: Sequence[Result]) -> list[Crash]:
    return [(recording.scenario, moment) for recording in recordings for moment in recording.moments]


def sample_of(recordings: Sequence[Result]) -> list[Crash]:
    """One crash of each kind: function, RPC, SMTP, SMS or HTTP, before or after, inside I3's window or outside it."""
    kinds: dict[object, list[Crash]] = {}
    for recording in recordings:
        for moment in recording.moments:
            side, _, effect = moment.partition(" ")
            inside = acceptance_is_unrecorded(recording.moments, moment)
            kind = recording.scenario.function, effect.partition(":")[0], side, inside
            kinds.setdefault(kind, []).append((recording.scenario, moment))
    return [crashes[len(crashes) // 2] for crashes in kinds.values()]


def run(stack: LocalStack, crashes: Sequence[Crash]) -> list[Result]:
    mail_server = MailServer()
    try:
        with emulators_of(stack), ThreadPoolExecutor(_PARALLEL) as pool:
            return list(pool.map(lambda crash: run_case(stack, mail_server, crash[0], crash_at=crash[1]), crashes))
    finally:
        mail_server.stop()


def table(recordings: Sequence[Result], results: Sequence[Result]) -> str:
    """Markdown: a table for those scenarios that pass the same points."""
    ends = {(result.scenario, result.crash_at): result for result in results}
    parts = []
    for (function, labels), group in groupby(recordings, lambda each: (each.scenario.function, _labels(each))):
        columns = list(group)
        names = [name for each in columns for name in (f"{each.scenario.name}: before", "after")]
        lines = [f"| `{function}` | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
        for label, *points in zip(labels, *map(_points, columns), strict=True):
            cells = [
                _cell(ends[column.scenario, f"{side} {point}"])
                for column, point in zip(columns, points, strict=True)
                for side in ("before", "after")
            ]
            lines.append(f"| `{label}` | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, _summary(results)]) + "\n"


def _points(recording: Result) -> list[str]:
    return [moment.removeprefix("before ") for moment in recording.moments if moment.startswith("before ")]


def _labels(recording: Result) -> tuple[str, ...]:
    """The points' names; those that come several times are counted from where the scenario begins."""
    effects = [point.partition("#")[0] for point in _points(recording)]
    seen: Counter[str] = Counter()
    labels = []
    for effect in effects:
        seen[effect] += 1
        labels.append(f"{effect} {seen[effect]}" if effects.count(effect) > 1 else effect)
    return tuple(labels)


def _cell(result: Result) -> str:
    if result.broken:
        return f"**{'; '.join(result.broken)}**"
    return result.ending


def _summary(results: Sequence[Result]) -> str:
    lost = sum("lost" in reason for result in results for reason in result.broken)
    broken = sum(bool(result.broken) for result in results)
    duplicates = sum(result.mails > 1 for result in results)
    return (
        f"{len(results)} crashes: lost {lost}, promises broken {broken}, duplicate mails or SMS {duplicates},\n"
        "each of these in the window between the server's acceptance and its record."
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    with LocalStack.running({"BCRYPT_ROUNDS": "10", "PASSWORD_PEPPERS": PEPPERS}) as stack:
        recordings = record(stack)
        if faulty := [f"{each.scenario.name}: {each.broken}" for each in recordings if each.broken]:
            sys.exit(f"Broken without any crash: {faulty}")
        results = run(stack, every_crash(recordings))
    text = table(recordings, results)
    sys.stdout.write(text)
    if options.write:
        page = re.sub(f"(?s){_BEGIN}.*{_END}", lambda _: f"{_BEGIN}\n{text}\n{_END}", _PAGE.read_text())
        _PAGE.write_text(page)
    return int(any(result.broken for result in results))


if __name__ == "__main__":
    sys.exit(main())
