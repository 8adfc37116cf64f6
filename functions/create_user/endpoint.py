"""Leads a request to what answers it: by its path, and by its method."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flask import Request, Response

from shared.web.request import check_post, nothing_here
from shared.web.responses import preflight

from .pages import Page


class Posted(Protocol):
    """Answers a POST. `example` is a body, for those who try another method."""

    @property
    def example(self) -> str: ...

    def answer(self, request: Request, traceparent: str) -> Response: ...


@dataclass(frozen=True)
class Endpoint:
    """What is at each path, and the preflight of what is posted there."""

    posted: Mapping[str, Posted]
    pages: Mapping[str, Page] = field(default_factory=dict)

    def answer(self, request: Request, traceparent: str) -> Response:
        """
        Answer a request.

        Raises:
            Exception: What it means to the caller is in http_problems.py.
        """
        if page := self.pages.get(request.path):
            return page.answer(request)
        posted = self.posted.get(request.path)
        if not posted:
            nothing_here()
        if request.method == "OPTIONS":
            return preflight()
        check_post(request, body=posted.example)
        return posted.answer(request, traceparent)
