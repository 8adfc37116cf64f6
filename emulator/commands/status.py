"""Says how the local stack is doing, and opens its UI: `python -m emulator status` and `open`."""

import webbrowser
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from emulator.commands.local_stack import ask_status
from emulator.terminal.summary import notes_on


def show_status(ui_url: str, client: httpx.Client, say: Callable[[str], None]) -> bool:
    """
    Say what is up, where and since when; return whether everything is ready.

    Raises:
        StackError: No stack responds at `ui_url`.
    """
    status = ask_status(ui_url, client)
    say(f"{'Ready' if status.ready else 'Not ready'}: {ui_url}/\n")
    width = max(len(part.name) for part in status.parts.values())
    for part in status.parts.values():
        since = datetime.fromtimestamp(part.since, UTC).astimezone()
        say(f"  {part.name:<{width}}  {part.state:<14}  since {since:%Y-%m-%d %H:%M:%S}  {part.address}")
    for note in notes_on(status.destinations):
        say(f"\n{note}")
    return status.ready


def open_ui(
    ui_url: str, client: httpx.Client, say: Callable[[str], None], *, browse: Callable[[str], bool] = webbrowser.open
) -> None:
    """
    Open the UI in the browser, and say its address.

    Raises:
        StackError: No stack responds at `ui_url`.
    """
    ask_status(ui_url, client)
    say(f"{ui_url}/")
    if not browse(f"{ui_url}/"):
        say("No browser was found here: open this address in one.")
