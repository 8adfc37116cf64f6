"""What Mailpit does and this inbox does not: its clients learn so, instead of "not found"."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

_MISSING = {
    "/api/v1/info": "information about the server",
    "/api/v1/webui": "the web UI's configuration",
    "/api/v1/swagger.json": "a description of its calls",
    "/api/events": "notices of new mails",
    "/livez": "health checks",
    "/readyz": "health checks",
    "/view/{id}": "Mailpit's page of a mail",
    "/api/v1/send": "sending by HTTP",
    "/api/v1/tags": "tags",
    "/api/v1/tags/{tag}": "tags",
    "/api/v1/chaos": "chaos triggers",
    "/api/v1/message/{id}/release": "releasing mails",
    "/api/v1/message/{id}/html-check": "the HTML check",
    "/api/v1/message/{id}/link-check": "the link check",
    "/api/v1/message/{id}/sa-check": "the SpamAssassin check",
    "/api/v1/message/{id}/part/{part_id}/thumb": "thumbnails",
}
_METHODS = ["GET", "POST", "PUT", "DELETE"]


def not_implemented_routes() -> list[BaseRoute]:
    return [Route(path, _refuse(what), methods=_METHODS) for path, what in _MISSING.items()]


def not_implemented(what: str) -> HTTPException:
    return HTTPException(501, f"This inbox does not implement {what}. docs/local-stack.md lists its calls.")


def _refuse(what: str) -> Callable[[Request], Response]:
    def refuse(_: Request) -> Response:
        raise not_implemented(what)

    return refuse
