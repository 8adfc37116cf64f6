"""The fake of the store of requests to sign up, which passes the same tests as the real one."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock

from create_user.mail_count import CountVersion, MailCount
from create_user.sign_up_requests import Requested, RequestsUnavailableError
from shared.events.event import Event, UserId
from shared.outbox.outbox import EntryVersion
from shared.users.address_key import address_key, is_one_of_many, mailbox_id, untagged
from testkit.fakes import Users


@dataclass
class Requests:
    """Requests beside the `users`, whose clock and outbox are theirs."""

    users: Users = field(default_factory=Users)
    is_silent: bool = False
    counts: dict[str, MailCount] = field(default_factory=dict)
    _writes: Iterator[int] = field(default_factory=itertools.count)
    _lock: Lock = field(default_factory=Lock)

    def look_up(self, address: str) -> Requested:
        self._answer()
        return Requested(
            at=self.users.clock(),
            holder=self.users.holders.get(address_key(address)),
            mails=self.counts.get(mailbox_id(address), MailCount()),
            tagged=self.counts.get(_tagged(address), MailCount()) if is_one_of_many(address) else None,
        )

    def address_of(self, user_id: UserId) -> str | None:
        self._answer()
        return self.users.stored[user_id].user.email if user_id in self.users.stored else None

    def count(self, address: str, requested: Requested, event: Event) -> EntryVersion | None:
        with self._lock:
            now = self.look_up(address)
            if (now.mails, now.tagged) != (requested.mails, requested.tagged):
                return None
            self._write(mailbox_id(address), requested.mails.with_another(requested.at))
            if requested.tagged is not None:
                self._write(_tagged(address), requested.tagged.with_another(requested.at))
            return self.users.outbox.put(event)

    def _write(self, key: str, count: MailCount) -> None:
        self.counts[key] = replace(count, version=CountVersion(next(self._writes)))

    def _answer(self) -> None:
        if self.is_silent:
            raise RequestsUnavailableError


def _tagged(address: str) -> str:
    return f"tagged {address_key(untagged(address))}"
