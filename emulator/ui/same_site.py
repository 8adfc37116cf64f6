"""Keeps other sites out: a page of another origin, or a name of another site that resolves to this machine."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
_READING = {"GET", "HEAD"}


class SameSite:
    """
    Refuses requests by other names than this machine's, and changes that pages of other origins ask for.

    Programs send no Origin and no Sec-Fetch-Site: they are let through. Every answer may load from this origin and from
    `connect_to` only, and may be framed by this origin only.
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
        if not _is_this_machine(headers.get("host", "")):
            await _refuse("Ask for this page by the name 127.0.0.1 or localhost.")(scope, receive, send)
        elif scope.get("method", "GET") not in _READING and _comes_from_elsewhere(headers):
            await _refuse("Only this site's own pages may change anything here.")(scope, receive, send)
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


def _is_this_machine(host: str) -> bool:
    name, colon, port = host.lower().rpartition(":")
    return (name if colon and port.isdecimal() else host.lower()).removesuffix(".") in _HOSTS


def _comes_from_elsewhere(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{headers['host'].lower()}":
        return True
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _refuse(detail: str) -> PlainTextResponse:
    return PlainTextResponse(detail, HTTPStatus.FORBIDDEN)
