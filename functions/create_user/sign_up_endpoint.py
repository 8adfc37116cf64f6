"""Answers `POST /`, a sign-up: steps 1 to 5 of docs/architecture.md in their order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from time import monotonic
from typing import ClassVar

from flask import Request, Response

from shared.contract.log_events import LogEvent
from shared.outbox.outbox import Entry
from shared.runtime import logs, tracing
from shared.web.request import read_members
from shared.web.responses import json_response

from .http_request import read_user_id
from .password_policy import PasswordPolicy
from .registration import Passwords, Registration, Users, register_user
from .sign_up_form import read_sign_up


@dataclass(frozen=True, kw_only=True)
class SignUpEndpoint:
    """Signs a user up who says what the address is."""

    example: ClassVar = '{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}'
    policy: PasswordPolicy
    passwords: Passwords
    users: Users
    publish: Callable[[Entry], None]
    now: Callable[[], datetime]

    def answer(self, request: Request, traceparent: str) -> Response:
        """
        Sign a user up.

        Raises:
            Exception: What it means to the caller is in http_problems.py.
        """
        started = monotonic()
        registration = self.register(request, traceparent)
        event = registration.entry.event
        logs.info(
            LogEvent.USER_REGISTERED,
            user_id=event.user_id,
            event_id=event.event_id,
            latency_ms=round((monotonic() - started) * 1000),
            **tracing.step_times(),
        )
        return json_response(registration.user, HTTPStatus.CREATED)

    def register(self, request: Request, traceparent: str) -> Registration:
        return register_user(
            read_sign_up(read_members(request), self.policy),
            read_user_id(request),
            passwords=self.passwords,
            users=self.users,
            publish=self.publish,
            now=self.now,
            traceparent=traceparent,
        )
