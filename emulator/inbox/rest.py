"""The calls of Mailpit's REST API v1 that the inbox implements for its clients: docs/local-stack.md lists them."""

from collections.abc import Mapping

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.inbox import mailpit
from emulator.inbox.answers import json_answer
from emulator.inbox.asked import members, parameters, search, whole_number
from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.message_rest import message_routes
from emulator.inbox.not_implemented import not_implemented_routes


def inbox_routes(mailbox: Mailbox) -> list[BaseRoute]:
    """The routes below `/api/v1` and `/view`, which Mailpit's documentation describes."""
    return [*messages_routes(mailbox), *message_routes(mailbox), *not_implemented_routes()]


def messages_routes(mailbox: Mailbox) -> list[Route]:
    inbox = _Inbox(mailbox)
    return [
        Route("/api/v1/messages", inbox.messages),
        Route("/api/v1/messages", inbox.set_read_state, methods=["PUT"]),
        Route("/api/v1/messages", inbox.delete, methods=["DELETE"]),
        Route("/api/v1/search", inbox.search),
        Route("/api/v1/search", inbox.delete_found, methods=["DELETE"]),
    ]


class _Deletion(msgspec.Struct, forbid_unknown_fields=True):
    """The body of DELETE; Mailpit takes no ids for all mails."""

    ids: list[str] = []


class _ReadState(msgspec.Struct, forbid_unknown_fields=True):
    """The body of PUT; Mailpit takes neither ids nor a search for all mails."""

    read: bool = False
    ids: list[str] = []
    search: str = ""


class _Inbox:
    """The endpoints for many mails. Those that read mail are not coroutines: Starlette runs them in threads."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def messages(self, request: Request) -> Response:
        asked = parameters(request, "start", "limit")
        return self._page(asked, self._mailbox.newest_first())

    def search(self, request: Request) -> Response:
        asked = parameters(request, "query", "tz", "start", "limit")
        query = asked.get("query", "").strip()
        if not query:
            raise HTTPException(400, "The parameter query is missing, for instance query=to:ewan@example.com")
        return self._page(asked, self._mailbox.search(search(query, asked)))

    def delete_found(self, request: Request) -> Response:
        asked = parameters(request, "query", "tz")
        found = self._mailbox.search(search(asked.get("query", ""), asked, strict=True))
        self._mailbox.delete(mail.id for mail in found)
        return PlainTextResponse("ok")

    async def delete(self, request: Request) -> Response:
        parameters(request)
        ids = members(await request.body() or b"{}", _Deletion).ids
        if ids:
            self._mailbox.delete(ids)
        else:
            self._mailbox.clear()
        return PlainTextResponse("ok")

    async def set_read_state(self, request: Request) -> Response:
        asked = parameters(request, "tz")
        wanted = members(await request.body(), _ReadState)
        if wanted.ids and wanted.search:
            raise HTTPException(400, "Select the mails by IDs or by Search, not both")
        mails = self._mailbox.newest_first()
        if wanted.search:
            mails = await run_in_threadpool(self._mailbox.search, search(wanted.search, asked, strict=True))
        elif wanted.ids:
            mails = [mail for mail in map(self._mailbox.get, wanted.ids) if mail]
        for mail in mails:
            mail.read = wanted.read
        return PlainTextResponse("ok")

    def _page(self, asked: Mapping[str, str], found: list[ReceivedMail]) -> Response:
        start, limit = whole_number(asked, "start", default=0), whole_number(asked, "limit", default=50)
        page = found[start : start + limit]
        held = self._mailbox.newest_first()
        return json_answer(mailpit.messages_summary(page, start=start, found=found, held=held))
