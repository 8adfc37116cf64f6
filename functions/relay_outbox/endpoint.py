"""Answers a call of the schedule: step 5b of docs/architecture.md."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Request, Response

from shared.broker.publisher import Publisher
from shared.outbox.outbox import Outbox, OutboxUnavailableError
from shared.web.problems import Meanings, try_again
from shared.web.request import check_target
from shared.web.responses import json_response

from .relay import relay_outbox

MEANINGS: Meanings = {
    OutboxUnavailableError: lambda _: try_again("unavailable", "The outbox did not respond.", seconds=5),
}


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """`POST /`."""

    outbox: Outbox
    publisher: Publisher
    grace: timedelta
    budget_seconds: float
    now: Callable[[], datetime]

    def answer(self, request: Request, _traceparent: str) -> Response:
        """
        Relay the outbox, and report.

        Raises:
            Exception: What it means to the caller is in MEANINGS.
        """
        check_target(request)
        report = relay_outbox(
            self.outbox, self.publisher, grace=self.grace, budget_seconds=self.budget_seconds, now=self.now
        )
        return json_response(report)
