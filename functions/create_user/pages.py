"""The page that a link in a mail opens. Opening it changes nothing: mail scanners open every link."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path

from flask import Request, Response

from shared.web.problems import Problem

from .sign_up_requests import MAILS_A_DAY

_FOLDER = Path(__file__).parent / "page"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    ),
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Page:
    """A static document. Answers GET and HEAD."""

    body: str
    content_type: str

    def answer(self, request: Request) -> Response:
        """
        The document.

        Raises:
            Problem: It was asked for by another method.
        """
        if request.method not in {"GET", "HEAD"}:
            detail = "Open this address in a browser."
            raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", detail, headers={"Allow": "GET, HEAD"})
        return Response(self.body, headers=_HEADERS, content_type=self.content_type)


def sign_up_pages(product: str) -> Mapping[str, Page]:
    """The page at `/sign-up`, and the script and the style sheet that it loads."""
    html = (_FOLDER / "sign-up.html").read_text("utf-8").format(product=escape(product), mails_a_day=MAILS_A_DAY)
    return {
        "/sign-up": Page(html, "text/html; charset=utf-8"),
        "/sign-up.js": Page((_FOLDER / "sign-up.js").read_text("utf-8"), "text/javascript; charset=utf-8"),
        "/sign-up.css": Page((_FOLDER / "sign-up.css").read_text("utf-8"), "text/css; charset=utf-8"),
    }
