"""Keeps other sites out: a page of another origin, or a name of another site that resolves to this machine."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emulator.same_machine import refusal

_READING = {"GET", "HEAD"}


class SameSite:
    """
    Refuses requests under names that are not this machine's and those of other origins' pages; links may lead here.

    Every answer may load from this origin and from `connect_to` only, and may be framed by this origin only.
    """

    def __init__(self, app: ASGIApp, *, connect_to: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": f"default-src 'self'; connect-src 'self' {connect_to}; frame-ancestors 'self'; "
            "base-uri 'none'; form-action 'none'; object-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        sites = [] if scope.get("method", "GET") in _READING else headers.getlist("sec-fetch-site")
        if reason := refusal(headers.getlist("host"), headers.getlist("origin"), sites):
            await PlainTextResponse(reason, HTTPStatus.FORBIDDEN)(scope, receive, send)
        else:
            await self._app(scope, receive, lambda message: send(self._with_headers(message)))

    def _with_headers(self, message: Message) -> Message:
        if message["type"] == "http.response.start":
            set_already = Headers(raw=message["headers"])
            message["headers"] += [
                (name.lower().encode(), value.encode())
                for name, value in self._headers.items()
                if name not in set_already
            ]
        return message
