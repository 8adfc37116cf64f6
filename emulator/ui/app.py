"""What the local stack answers on its browser port: the inbox's API, the stack's status, and a page that links them."""

from collections.abc import Callable
from html import escape

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from emulator.inbox.mailbox import Mailbox
from emulator.inbox.rest import inbox_routes
from emulator.status import StackStatus

# A page of another site that resolves its name to 127.0.0.1 must not read the mails.
_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Usher</title>
<style>
body {{ font-family: system-ui; margin: 2rem }}
td, th {{ padding: .2rem 1rem .2rem 0; text-align: left }}
</style>
<h1>Usher, the local stack</h1>
<table><tr><th>Part</th><th>State</th><th>Address</th></tr>{rows}</table>
<p><a href="/api/v1/messages">Mails</a> · <a href="/api/status">Status</a></p>
"""


def create_app(mailbox: Mailbox, status: Callable[[], StackStatus]) -> Starlette:
    async def show_status(_: Request) -> JSONResponse:
        """200 once every part is ready, else 503."""
        now = status()
        parts = {key: {"state": part.state, "address": part.address} for key, part in now.parts.items()}
        return JSONResponse({"ready": now.ready, "parts": parts}, 200 if now.ready else 503)

    async def show_page(_: Request) -> HTMLResponse:
        cells = [(part.name, part.state, part.address) for part in status().parts.values()]
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in cells)
        return HTMLResponse(_PAGE.format(rows=rows))

    return Starlette(
        routes=[Route("/", show_page), Route("/api/status", show_status), *inbox_routes(mailbox)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS, www_redirect=False)],
    )
