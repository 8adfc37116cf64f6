"""Answers `POST /sign-ups`: the address comes first, and alone."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from flask import Request, Response

from shared.outbox.outbox import Entry
from shared.web.request import read_members
from shared.web.responses import json_response

from .request_rate import RequestRate
from .sign_up_form import read_address
from .sign_up_requests import Requests, request_sign_up


@dataclass(frozen=True, kw_only=True)
class RequestsEndpoint:
    """Accepts every valid address, free or taken, and says no more than that."""

    example: ClassVar = '{"email":"ewan@example.com"}'
    rate: RequestRate
    requests: Requests
    publish: Callable[[Entry], None]

    def answer(self, request: Request, traceparent: str) -> Response:
        """
        Request a sign-up.

        Raises:
            Exception: What it means to the caller is in http_problems.py.
        """
        address = read_address(read_members(request))
        self.rate.admit()
        request_sign_up(address, requests=self.requests, publish=self.publish, traceparent=traceparent)
        return json_response({"status": "accepted"}, HTTPStatus.ACCEPTED)
