"""The demo as a person sees it: the peers side by side, and below them what happens."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from proofs.long_run_world import Peer
from proofs.score import Score
from proofs.verdict import verdict, why_duplicates

WIDTH = 92
_PARTS = ("create_user", "Firestore", "Pub/Sub", "send_email", "mail server")
_TITLES = {Peer.USHER: "Usher", Peer.QUICKSTART: "the quickstart"}
_BAR_CELLS = 22


@dataclass(frozen=True)
class Frame:
    """One moment: `words` say what has just happened, `down` what is away; once it `is_over` the scores are shown."""

    seconds: float
    words: str
    down: frozenset[str]
    scores: Mapping[Peer, Score]
    planned: int
    is_over: bool = False


def render(frame: Frame) -> RenderableType:
    sides = [
        Panel(_side(score, frame), title=_TITLES[peer], width=WIDTH // 2 - 1) for peer, score in frame.scores.items()
    ]
    why = why_duplicates(frame.scores[Peer.USHER])
    return Group(_headline(frame), _parts(frame.down), Columns(sides, padding=(0, 1)), why, *_verdicts(frame))


def _headline(frame: Frame) -> Text:
    colour = "bold red" if frame.down else "bold green"
    return Text.assemble((f" {frame.seconds:3.0f} s  ", "dim"), (frame.words, colour))


def _side(score: Score, frame: Frame) -> RenderableType:
    figures = Table.grid(padding=(0, 1))
    waiting = score.users - score.mailed
    figures.add_row("users stored", _bar(score.users, frame.planned, "cyan"), str(score.users))
    figures.add_row("got their mail", _bar(score.mailed, frame.planned, "green"), str(score.mailed))
    figures.add_row("no mail", _bar(waiting, frame.planned, "yellow"), str(waiting))
    duplicates = score.mails - score.mailed
    figures.add_row("duplicates", _bar(duplicates, frame.planned, "red"), str(duplicates))
    return figures


def _parts(down: frozenset[str]) -> Text:
    parts = Text("        ")
    for part in _PARTS:
        parts.append("● ", "red" if part in down else "green")
        parts.append(f"{part}    ", "red" if part in down else "dim")
    return parts


def _bar(value: int, whole: int, colour: str) -> Text:
    cells = min(round(value / whole * _BAR_CELLS), _BAR_CELLS) or (1 if value else 0)
    return Text.assemble(("█" * cells, colour), ("·" * (_BAR_CELLS - cells), "dim"))


def _verdicts(frame: Frame) -> list[Text]:
    """One score line each; while it runs, lines as empty, so that nothing jumps."""
    return [verdict(peer, score) if frame.is_over else Text() for peer, score in frame.scores.items()]
