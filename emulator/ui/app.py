"""What the local stack answers on its browser port: the pages, the stack's status, and what its parts add."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from emulator.processes.status import StackStatus
from emulator.ui.same_site import SameSite

_STATIC = Path(__file__).with_name("static")


def create_app(
    status: Callable[[], StackStatus],
    routes: Sequence[BaseRoute],
    *,
    create_user_url: str,
    told: Callable[[], Mapping[str, object]] = dict,
) -> Starlette:
    """
    The app. Its pages may call create_user at `create_user_url`, and nothing else outside.

    What is `told` are further members of the status.
    """

    async def show_status(_: Request) -> JSONResponse:
        """200 once every part is ready, else 503."""
        now = status()
        parts = {
            key: {"name": part.name, "state": part.state, "since": part.since, "address": part.address}
            for key, part in now.parts.items()
        }
        destinations = {key: asdict(destination) for key, destination in now.destinations.items()}
        return JSONResponse({"ready": now.ready, "parts": parts, **destinations, **told()}, 200 if now.ready else 503)

    async def show_page(_: Request) -> FileResponse:
        return FileResponse(_STATIC / "index.html")

    own: list[BaseRoute] = [
        Route("/", show_page),
        Route("/api/status", show_status),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    return Starlette(routes=[*own, *routes], middleware=[Middleware(SameSite, connect_to=create_user_url)])
