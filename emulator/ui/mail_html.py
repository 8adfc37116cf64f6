"""A mail's HTML as a page of its own, for a frame: nothing in it runs, and nothing is loaded from anywhere."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from emulator.inbox.mailbox import Mailbox

_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def mail_html_routes(mailbox: Mailbox) -> list[BaseRoute]:
    def show(request: Request) -> Response:
        mail = mailbox.get(request.path_params["id"])
        if mail is None:
            raise HTTPException(404, "There is no mail with this ID")
        page = mail.content.html.encode("utf-8", "replace")
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})

    return [Route("/api/mail/{id}/html", show)]
