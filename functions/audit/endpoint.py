"""Answers a call of the schedule with a report."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Request, Response

from shared.contract.log_events import LogEvent
from shared.runtime import logs
from shared.web.problems import Meanings, try_again
from shared.web.request import check_target
from shared.web.responses import json_response

from .records import RecordsUnavailableError
from .report import Report, Status

MEANINGS: Meanings = {
    RecordsUnavailableError: lambda _: try_again("unavailable", "Firestore did not respond.", seconds=5),
}
_NAMED = 20  # of the findings, in the log
_LOG = {Status.KEPT: logs.info, Status.LATE: logs.warning, Status.BROKEN: logs.error}


@dataclass(frozen=True)
class Endpoint:
    """`POST /`."""

    audit: Callable[[], Report]

    def answer(self, request: Request, _traceparent: str) -> Response:
        """
        Audit, log the outcome and report.

        Raises:
            Exception: What it means to the caller is in MEANINGS.
        """
        check_target(request)
        report = self.audit()
        _LOG[report.status](
            LogEvent.PROMISES_AUDITED,
            status=report.status,
            users=report.users,
            reservations=report.reservations,
            broken=len(report.broken),
            findings=", ".join(map(str, report.broken[:_NAMED])),
            waiting=report.waiting,
            overdue=report.overdue,
            outbox_age_seconds=report.outbox.oldest_age_seconds,
            dead_letters=report.dead_letters.count,
            undeliverable=report.undeliverable.count,
            malformed=report.malformed.count,
            possible_duplicates=report.possible_duplicates,
            unknown_ages=", ".join(report.unknown_ages),
        )
        return json_response({"status": report.status, "report": list(report.lines())})
