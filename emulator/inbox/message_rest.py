"""The calls about one mail, by its id or as `latest`: the newest there is, or the newest that `query` finds."""

import re
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.inbox import mailpit
from emulator.inbox.answers import json_answer, page
from emulator.inbox.asked import parameters, search
from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.not_implemented import not_implemented

_HTML, _TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def message_routes(mailbox: Mailbox) -> list[Route]:
    one = _OneMail(mailbox)
    return [
        Route("/api/v1/message/{id}", one.message),
        Route("/api/v1/message/{id}/headers", one.headers),
        Route("/api/v1/message/{id}/raw", one.raw),
        Route("/api/v1/message/{id}/part/{part_id}", one.part),
        Route("/view/{id}.html", one.html),
        Route("/view/{id}.txt", one.text),
    ]


class _OneMail:
    """The endpoints. They are not coroutines: Starlette runs them in threads, off the stack's loop."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def message(self, request: Request) -> Response:
        mail = self._mail(request)
        mail.read = True
        return json_answer(mailpit.message(mail))

    def headers(self, request: Request) -> Response:
        return json_answer(mailpit.headers(self._mail(request)))

    def raw(self, request: Request) -> Response:
        mail = self._mail(request, "dl")
        saved = {"Content-Disposition": f'attachment; filename="{mail.id}.eml"'}
        return page(mail.raw, _TEXT, saved if request.query_params.get("dl") == "1" else None)

    def part(self, request: Request) -> Response:
        mail = self._mail(request)
        for each in mail.content.attachments:
            if each.part_id == request.path_params["part_id"]:
                known = _CONTENT_TYPE.fullmatch(each.content_type)
                name = quote((each.file_name or each.content_id).encode("utf-8", "replace"), safe="")
                shown = {"Content-Disposition": f'inline; filename="{name}"'}
                return page(each.content, each.content_type if known else "application/octet-stream", shown)
        raise HTTPException(404, "The message has no attachment with this PartID")

    def html(self, request: Request) -> Response:
        mail = self._mail(request, "embed")
        if request.query_params.get("embed") == "1":
            raise not_implemented("views to embed")
        if not mail.content.html:
            raise HTTPException(404, "This message does not contain a HTML part")
        mail.read = True
        return page(mail.content.html, _HTML)

    def text(self, request: Request) -> Response:
        mail = self._mail(request)
        mail.read = True
        return page(mail.content.text, _TEXT)

    def _mail(self, request: Request, *known: str) -> ReceivedMail:
        mail_id = request.path_params["id"]
        if mail_id == "latest":
            asked = parameters(request, "query", "tz", *known)
            query = asked.get("query", "").strip()
            mails = self._mailbox.search(search(query, asked)) if query else self._mailbox.newest_first()
            mail = next(iter(mails), None)
        else:
            parameters(request, *known)
            mail = self._mailbox.get(mail_id)
        if mail is None:
            raise HTTPException(404, "Message not found")
        return mail
