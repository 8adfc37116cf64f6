"""Answers a request to sign up: steps 1 to 5 of docs/architecture.md in their order."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Protocol

from flask import Request, Response

from shared.broker.publisher import Publisher
from shared.contract.log_events import LogEvent
from shared.events.event import UserId
from shared.outbox.outbox import Entry, Later, Outbox, publish_best_effort
from shared.runtime import logs, tracing
from shared.web.after_the_answer import at_once
from shared.web.request import check_target, read_members
from shared.web.responses import json_response, preflight

from .concealment import RemindedUsers, UnverifiedRepeats, register_or_remind
from .fixed_time import ending_at_multiples_of
from .http_request import EXAMPLE, read_user_id
from .password_policy import PasswordPolicy
from .registration import Passwords, Registration, Users, register_user
from .sign_up_form import read_sign_up
from .user import NewUser


class _Users(Users, RemindedUsers, Protocol):
    """What both use cases need of the store."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """
    `POST /`, and its preflight.

    Where existing accounts are concealed, a valid sign-up is answered `concealed_answer_seconds` after it was read, or
    at a multiple of that. `later` is when an outbox entry is cleared, unless accounts are concealed.
    """

    policy: PasswordPolicy
    passwords: Passwords
    users: _Users
    publisher: Publisher
    outbox: Outbox
    later: Later
    now: Callable[[], datetime]
    conceal_existing_accounts: bool
    concealed_answer_seconds: float

    def answer(self, request: Request, traceparent: str) -> Response:
        """
        Sign a user up.

        Raises:
            Exception: What it means to the caller is in http_problems.py.
        """
        if request.method == "OPTIONS" and request.path == "/":
            return preflight()
        started = monotonic()
        check_target(request, body=EXAMPLE)
        new_user = read_sign_up(read_members(request), self.policy)
        register = partial(self._register, new_user, traceparent=traceparent, started=started)
        if not self.conceal_existing_accounts:
            return json_response(asdict(register(read_user_id(request)).user), HTTPStatus.CREATED)
        user_id = read_user_id(request, address=new_user.email)
        # From now on: a caller who sends the body slowly must not choose when the work begins.
        with ending_at_multiples_of(self.concealed_answer_seconds):
            register_or_remind(
                partial(register, user_id),
                users=self.users,
                publish=self._publish,
                now=self.now,
                traceparent=traceparent,
            )
        return json_response({"status": "accepted"}, HTTPStatus.ACCEPTED)

    def _register(self, new_user: NewUser, user_id: UserId, *, traceparent: str, started: float) -> Registration:
        registration = register_user(
            new_user,
            user_id,
            passwords=UnverifiedRepeats(self.passwords) if self.conceal_existing_accounts else self.passwords,
            users=self.users,
            publish=self._publish,
            now=self.now,
            traceparent=traceparent,
        )
        latency_ms = round((monotonic() - started) * 1000)
        event = registration.entry.event
        logs.info(
            LogEvent.USER_REGISTERED,
            user_id=event.user_id,
            event_id=event.event_id,
            latency_ms=latency_ms,
            **tracing.step_times(),
        )
        return registration

    def _publish(self, entry: Entry) -> None:
        # While accounts are concealed, work after the answer would tell who listens to the connection's end.
        later = at_once if self.conceal_existing_accounts else self.later
        publish_best_effort(entry, publisher=self.publisher, outbox=self.outbox, later=later)
