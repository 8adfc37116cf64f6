"""A mail's HTML for the UI's frame: blank where there is none."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from emulator.inbox.answers import page
from emulator.inbox.mailbox import Mailbox


def mail_html_routes(mailbox: Mailbox) -> list[BaseRoute]:
    def show(request: Request) -> Response:
        mail = mailbox.get(request.path_params["id"])
        if mail is None:
            raise HTTPException(404, "No mail with this ID")
        return page(mail.content.html, "text/html; charset=utf-8")

    return [Route("/api/mail/{id}/html", show)]
