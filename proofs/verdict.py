"""A run's score in a sentence."""

from rich.text import Text

from proofs.long_run_world import Peer
from proofs.score import Score


def verdict(peer: Peer, score: Score) -> Text:
    """Whether the promises were kept, and the figures that say so."""
    lost, duplicates = score.lost + score.stuck, score.duplicates_explained + score.duplicates_unexplained
    kept, broken = score.keeps_promises, sum(score.broken.values())
    return Text.assemble(
        (f" ✔ {peer} keeps its promises: " if kept else f" ✘ {peer}: ", "bold green" if kept else "bold red"),
        f"{score.users} users, {score.mailed} mailed, ",
        (f"{lost} lost", "bold red" if lost else "green"),
        f", {duplicates} duplicate{'' if duplicates == 1 else 's'}",
        f", {broken} other promises broken" if broken else "",
    )


def why_duplicates(score: Score) -> Text:
    """Why those that its records explain are allowed, if there are any."""
    if not score.duplicates_explained:
        return Text()
    return Text(
        f"   {score.duplicates_explained} allowed: a crash or a lost reply between acceptance and record; "
        "same Message-ID, counted.",
        "dim",
    )
