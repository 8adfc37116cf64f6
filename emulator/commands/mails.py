"""Waits for mails in a stack's inbox."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import httpx
import msgspec

from emulator.commands.local_stack import ask
from emulator.inbox.addresses import comparable

MAIL_SECONDS = 15
_POLL_SECONDS = 0.1

T = TypeVar("T")


class _Recipient(msgspec.Struct):
    address: str = msgspec.field(name="Address")


class _Mail(msgspec.Struct):
    mail_id: str = msgspec.field(name="ID")
    to: list[_Recipient] = msgspec.field(name="To")


class _Mails(msgspec.Struct):
    messages: list[_Mail]


class _Content(msgspec.Struct):
    text: str = msgspec.field(name="Text")


class MailsTo:
    """
    The mails to one address in the inbox of the stack whose UI is at `ui_url`.

    Its methods raise StackError where the inbox does not respond.
    """

    def __init__(self, address: str, *, ui_url: str, client: httpx.Client) -> None:
        self._address = address
        self._ui_url = ui_url
        self._client = client

    def ids(self) -> list[str]:
        """Newest first."""
        query = {"query": f'to:"{self._address}"'}
        found = ask(f"{self._ui_url}/api/v1/search", _Mails, self._client, query=query).messages
        wanted = comparable(self._address)
        return [mail.mail_id for mail in found if any(comparable(each.address) == wanted for each in mail.to)]

    def text(self, mail_id: str) -> str:
        return ask(f"{self._ui_url}/api/v1/message/{mail_id}", _Content, self._client).text

    def shown_at(self, mail_id: str) -> str:
        return f"{self._ui_url}/#/inbox/mail/{mail_id}"

    def wait(self, found: Callable[[Sequence[str]], T | None]) -> tuple[T | None, float]:
        """What `found` makes of the ids as soon as that is something, and the seconds it took; None if they are up."""
        started = time.monotonic()
        while (waited := time.monotonic() - started) < MAIL_SECONDS:
            if it := found(self.ids()):
                return it, waited
            time.sleep(_POLL_SECONDS)
        return None, waited
