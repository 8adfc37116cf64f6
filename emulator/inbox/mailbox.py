"""Keeps the mails that the local SMTP server accepted."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from uuid import uuid4

from emulator.inbox.addresses import comparable
from emulator.inbox.mime import Address, Content, read_mail


@dataclass
class ReceivedMail:
    """A mail and its envelope; `raw` is as it came, without SMTP's dot stuffing."""

    mail_from: str
    recipients: list[str]
    raw: bytes
    read: bool = False
    id: str = field(default_factory=lambda: uuid4().hex)
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def content(self) -> Content:
        """What the mail says, read when first asked for."""
        return read_mail(self.raw)

    @property
    def event_id(self) -> str:
        """Of the event that it tells of, if Usher sent it: the Message-ID is made of it."""
        return self.content.message_id.partition("@")[0]

    @property
    def bcc(self) -> list[Address]:
        """Those of the header, and the recipients whom no header names."""
        content = self.content
        named = {comparable(each.address) for each in [*content.to, *content.cc, *content.bcc]}
        return content.bcc + [Address("", each) for each in self.recipients if comparable(each) not in named]


class Mailbox:
    """
    The mails, in memory only, for any number of threads.

    It holds `capacity_bytes` of raw mail; then each new mail drops the oldest ones.
    """

    def __init__(self, *, capacity_bytes: int = 64 * 1024 * 1024) -> None:
        self._capacity_bytes = capacity_bytes
        self._held_bytes = 0
        self._mails: OrderedDict[str, ReceivedMail] = OrderedDict()  # oldest first
        self._lock = Lock()

    def add(self, mail: ReceivedMail) -> None:
        with self._lock:
            self._mails[mail.id] = mail
            self._held_bytes += len(mail.raw)
            while self._held_bytes > self._capacity_bytes:
                self._drop(next(iter(self._mails)))

    def newest_first(self) -> list[ReceivedMail]:
        with self._lock:
            return list(reversed(self._mails.values()))

    def search(self, matches: Callable[[ReceivedMail], bool]) -> list[ReceivedMail]:
        """The mails that match (emulator/inbox/search.py), newest first."""
        return [mail for mail in self.newest_first() if matches(mail)]

    def get(self, mail_id: str) -> ReceivedMail | None:
        with self._lock:
            return self._mails.get(mail_id)

    def delete(self, mail_ids: Iterable[str]) -> None:
        """Delete these mails; ids of none are ignored."""
        with self._lock:
            for mail_id in mail_ids:
                self._drop(mail_id)

    def clear(self) -> None:
        with self._lock:
            self._mails.clear()
            self._held_bytes = 0

    def _drop(self, mail_id: str) -> None:
        mail = self._mails.pop(mail_id, None)
        self._held_bytes -= len(mail.raw) if mail else 0
