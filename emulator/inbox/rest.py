"""The subset of Mailpit's REST API v1 that tests use, so that Mailpit's clients work."""

import json
import re

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.inbox import mailpit
from emulator.inbox.mailbox import Mailbox, ReceivedMail


def inbox_routes(mailbox: Mailbox) -> list[BaseRoute]:
    """The routes below `/api/v1`; Mailpit's documentation describes them, emulator/inbox/search.py the search terms."""
    inbox = _Inbox(mailbox)
    return [
        Route("/api/v1/messages", inbox.messages),
        Route("/api/v1/messages", inbox.delete, methods=["DELETE"]),
        Route("/api/v1/search", inbox.search),
        Route("/api/v1/message/{id}", inbox.message),
        Route("/api/v1/message/{id}/headers", inbox.headers),
        Route("/api/v1/message/{id}/raw", inbox.raw),
    ]


class _Deletion(msgspec.Struct):
    """The body of DELETE; Mailpit takes no ids for all mails."""

    ids: list[str] = msgspec.field(default_factory=list, name="IDs")


class _Inbox:
    """The endpoints. Those that read mail are no coroutines: Starlette runs them in threads, off the stack's loop."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def messages(self, request: Request) -> Response:
        return self._page(request, self._mailbox.newest_first())

    def search(self, request: Request) -> Response:
        query = request.query_params.get("query", "").strip()
        if not query:
            raise HTTPException(400, "The parameter query is missing, for instance query=to:ewan@example.com")
        return self._page(request, self._mailbox.search(query))

    def message(self, request: Request) -> Response:
        mail = self._mail(request)
        mail.read = True
        return _json(mailpit.message(mail))

    def headers(self, request: Request) -> Response:
        return _json(mailpit.headers(self._mail(request)))

    def raw(self, request: Request) -> Response:
        return Response(self._mail(request).raw, media_type="text/plain")

    async def delete(self, request: Request) -> Response:
        try:
            ids = msgspec.json.decode(await request.body() or b"{}", type=_Deletion).ids
        except msgspec.DecodeError as error:
            raise HTTPException(400, str(error)) from error
        if ids:
            self._mailbox.delete(ids)
        else:
            self._mailbox.clear()
        return PlainTextResponse("ok")

    def _mail(self, request: Request) -> ReceivedMail:
        mail = self._mailbox.get(request.path_params["id"])
        if mail is None:
            raise HTTPException(404, "There is no message with this ID")
        return mail

    def _page(self, request: Request, found: list[ReceivedMail]) -> Response:
        start, limit = _whole_number(request, "start", default="0"), _whole_number(request, "limit", default="50")
        page = found[start : start + limit]
        return _json(mailpit.messages_summary(page, start=start, found=found, held=self._mailbox.newest_first()))


def _whole_number(request: Request, name: str, *, default: str) -> int:
    value = request.query_params.get(name, default)
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise HTTPException(400, f"The parameter {name} is not a whole number")
    return int(value)


def _json(content: object) -> Response:
    # Hostile mail can contain surrogates, which UTF-8 has no bytes for: they become question marks.
    return Response(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), media_type="application/json")
