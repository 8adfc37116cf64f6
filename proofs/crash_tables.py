"""What came of every crash, as the tables of docs/reliability.md."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from proofs.crash_case import Result

_LONGEST_LINE = 120
_COUNTS = ("crashes", "lost", "broken", "duplicates")


def points_table(recordings: Sequence[Result], results: Sequence[Result]) -> str:
    """Markdown: a table for those scenarios that pass the same points."""
    ends = {(result.scenario, result.crash_at): result for result in results}
    parts = []
    for (function, labels), group in groupby(recordings, lambda each: (each.scenario.function, _labels(each))):
        for columns in _side_by_side(function, list(group)):
            lines = [_head(function, columns), f"|---|{'---|' * 2 * len(columns)}"]
            for label, *points in zip(labels, *map(_points, columns), strict=True):
                cells = [
                    _cell(ends[column.scenario, f"{side} {point}"])
                    for column, point in zip(columns, points, strict=True)
                    for side in ("before", "after")
                ]
                lines.append(f"| `{label}` | {' | '.join(cells)} |")
            parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _side_by_side(function: str, columns: Sequence[Result]) -> list[list[Result]]:
    """As many scenarios in a table as a line of the page holds."""
    tables: list[list[Result]] = [[]]
    for column in columns:
        if tables[-1] and len(_head(function, [*tables[-1], column])) > _LONGEST_LINE:
            tables.append([])
        tables[-1].append(column)
    return tables


def _head(function: str, columns: Sequence[Result]) -> str:
    names = [name for each in columns for name in (f"{each.scenario.name}: before", "after")]
    return f"| `{function}` | {' | '.join(names)} |"


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


def counts_table(by_broker: Mapping[str, Sequence[Result]]) -> str:
    """Markdown: a row for each path, with what came of its crashes on each broker."""
    paths = list(dict.fromkeys(_path(result) for results in by_broker.values() for result in results))
    rows = [
        (path, *(_counts([each for each in results if _path(each) == path]) for results in by_broker.values()))
        for path in paths
    ]
    heads = [f"{broker}: {_COUNTS[0]} | {' | '.join(_COUNTS[1:])}" for broker in by_broker]
    lines = [f"| path | {' | '.join(heads)} |", f"|---|{'--:|' * len(_COUNTS) * len(by_broker)}"]
    lines += [f"| {' | '.join(row)} |" for row in [*rows, ("**all**", *map(_counts, by_broker.values()))]]
    return "\n".join(lines) + "\n"


def _path(result: Result) -> str:
    return f"`{result.scenario.function}`: {result.scenario.name}"


def _counts(results: Sequence[Result]) -> str:
    """The cells of one broker; a duplicate that is not counted breaks a promise."""
    if not results:
        return " | ".join("–" * len(_COUNTS))  # noqa: RUF001  a dash
    lost = sum("lost" in reason for result in results for reason in result.broken)
    broken = sum(bool(result.broken) for result in results)
    duplicates = sum(result.mails > 1 for result in results)
    return f"{len(results)} | {lost} | {broken} | {duplicates}"
