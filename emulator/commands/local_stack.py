"""Asks the local stack that runs on this machine."""

from collections.abc import Mapping
from typing import TypeVar

import httpx
import msgspec

from emulator.processes.errors import StackError
from emulator.processes.status import Destination

T = TypeVar("T")


class PartStatus(msgspec.Struct):
    """How one part is doing, and since when in seconds of Unix time."""

    name: str
    state: str
    since: float
    address: str


class SignUp(msgspec.Struct):
    """The settings of create_user that its callers go by."""

    verify_email: bool = False


class Status(msgspec.Struct):
    """What GET /api/status says."""

    ready: bool
    parts: dict[str, PartStatus]
    sign_up: SignUp = msgspec.field(default_factory=SignUp)
    mail: Destination | None = None
    sms: Destination | None = None

    @property
    def destinations(self) -> dict[str, Destination]:
        return {kind: each for kind, each in (("mail", self.mail), ("sms", self.sms)) if each}


def ask_status(ui_url: str, client: httpx.Client) -> Status:
    """
    How the stack is doing whose UI is at `ui_url`.

    Raises:
        StackError: No stack responds there.
    """
    return ask(f"{ui_url}/api/status", Status, client)


def ask(url: str, kind: type[T], client: httpx.Client, *, query: Mapping[str, str] | None = None) -> T:
    """
    What a stack's UI answers at `url`.

    Raises:
        StackError: No stack responds there, or it answers with a sentence that says why not.
    """
    place = httpx.URL(url).copy_with(path="/")
    try:
        answer = client.get(url, params=query)
    except httpx.TransportError as error:
        raise StackError(
            f"No local stack is responding at {place}: start it with make run, or pass its --base-port."
        ) from error
    if answer.is_error and answer.headers.get("Content-Type", "").startswith("text/plain"):
        raise StackError(answer.text)
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        raise StackError(f"Another program is responding at {place}: pass the stack's --base-port.") from error
