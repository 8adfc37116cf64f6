import io

from rich.console import Console

from emulator.google.download_progress import download_progress


def shown(*, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100)
    with download_progress("firestore.jar", done=30_000_000, total=130_000_000, console=console) as advance:
        for _ in range(10):
            advance(10_000_000)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_terminal_shows_a_bar() -> None:
    output = shown(terminal=True)

    assert "Downloading firestore.jar" in output
    assert "130.0/130.0 MB" in output


def test_elsewhere_progress_is_one_line_with_what_is_left() -> None:
    output = shown(terminal=False)

    assert output == "Downloading firestore.jar (100 MB, once) ...\n"
