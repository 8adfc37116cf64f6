"""The score as a person reads it: one row per figure, one column per peer."""

from collections.abc import Mapping

from rich.table import Table

from proofs.long_run_world import Peer
from proofs.score import Run, Score


def score_table(runs: Mapping[Peer, Run]) -> Table:
    table = Table("", *runs)
    columns = [_figures(run) for run in runs.values()]
    for name in dict.fromkeys(name for figures in columns for name in figures):
        table.add_row(name, *(figures.get(name, "0") for figures in columns))
    return table


def _figures(run: Run) -> dict[str, str]:
    score = run.score
    broken = {name: str(count) for name, count in score.broken.items() if count}
    return {
        "sign-ups attempted": str(score.attempted),
        "requests, repeats included": str(score.requests),
        **_of_links(score),
        **{f"answered {status}": str(count) for status, count in score.answers.items()},
        "users stored": str(score.users),
        "events delivered": str(score.events),
        "mails": str(score.mails),
        "refused for good, and recorded": str(score.recorded),
        "LOST": str(score.lost),
        "STUCK": str(score.stuck),
        "DUPLICATE, unexplained": str(score.duplicates_unexplained),
        "duplicate, explained by the record": str(score.duplicates_explained),
        "other promises broken": "0" if not broken else "",
        **broken,
        "faults": str(sum(run.faults.values())),
        "minutes of faults": f"{run.storm_seconds / 60:.1f}",
        "seconds to drain": f"{run.drain_seconds:.0f}",
        "longest delay of a mail, seconds": f"{score.longest_delay.total_seconds():.0f}",
    }


def _of_links(score: Score) -> dict[str, str]:
    """Where the mailbox came first."""
    if not score.links_requested:
        return {}
    return {"links requested": str(score.links_requested), "of these silenced": str(score.silenced)}
