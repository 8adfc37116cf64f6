"""A mail's HTML for the UI's frame: blank where there is none. Its link opens in a tab of its own, by way of here."""

import re
from collections.abc import Callable
from html import unescape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.inbox.answers import page
from emulator.inbox.mailbox import Mailbox, ReceivedMail

_LINK = re.compile(r'href="(https?://[^"]+#[^"]+)"')


def mail_html_routes(mailbox: Mailbox, opened: Callable[[str], None]) -> list[BaseRoute]:
    """Calls `opened` with the id of the event whose mail holds the link that somebody opens."""

    def found(request: Request) -> ReceivedMail:
        mail = mailbox.get(request.path_params["id"])
        if mail is None:
            raise HTTPException(404, "No mail with this ID")
        return mail

    def show(request: Request) -> Response:
        mail = found(request)
        html = _LINK.sub(f'target="_blank" href="/api/mail/{mail.id}/link"', mail.content.html, count=1)
        return page(html, "text/html; charset=utf-8")

    async def open_link(request: Request) -> Response:
        mail = found(request)
        link = _LINK.search(mail.content.html)
        if not link:
            raise HTTPException(404, "No link in this mail")
        opened(mail.event_id)
        return RedirectResponse(unescape(link[1]), 303)

    return [Route("/api/mail/{id}/html", show), Route("/api/mail/{id}/link", open_link)]
