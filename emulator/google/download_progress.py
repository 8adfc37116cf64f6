"""Shows how far a download is: a bar on a terminal, elsewhere one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn


@contextmanager
def download_progress(title: str, *, done: int, total: int, console: Console) -> Iterator[Callable[[int], None]]:
    """Give a function that is told of every further number of bytes; `done` of the `total` are there already."""
    if not console.is_terminal:
        rest = f"{(total - done) / 1e6:.0f} MB, once"
        console.print(f"Downloading {title} ({rest}) ...", soft_wrap=True, highlight=False)
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"Downloading {title}", completed=done, total=total)
        yield lambda count: progress.advance(task, count)
