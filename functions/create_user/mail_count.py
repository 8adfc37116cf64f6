"""How many mails a mailbox was sent on a day, and whether it may be sent another: strangers ask for them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NewType

CountVersion = NewType("CountVersion", object)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class MailCount:
    """
    `mails` on the day (UTC) of `last_mail_at`. Times are the store's.

    `version` is that of the record it was read from, and None where there was none.
    """

    mails: int = 0
    last_mail_at: datetime = _NEVER
    version: CountVersion | None = None

    def allows_another(self, at: datetime, *, a_day: int, pause: timedelta = timedelta()) -> bool:
        """Whether there is one left. The first of a day is sent without a pause."""
        mails = self._mails_on_the_day(at)
        return not mails or (mails < a_day and at - self.last_mail_at >= pause)

    def with_another(self, at: datetime) -> "MailCount":
        return replace(self, mails=self._mails_on_the_day(at) + 1, last_mail_at=at)

    def _mails_on_the_day(self, at: datetime) -> int:
        return self.mails if self.last_mail_at.date() == at.date() else 0
