"""Trouble for the browser: what went wrong, redriving it, and the switches."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Annotated, TypeVar

import httpx
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from emulator.processes.errors import StackError
from emulator.trouble.redrive_command import KINDS, Redriven
from emulator.trouble.switches import Switch

T = TypeVar("T")
_Id = Annotated[str, msgspec.Meta(pattern=r"^[\w.-]{1,200}$")]


class _Redrive(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    ids: list[_Id] = []


class _Position(msgspec.Struct, forbid_unknown_fields=True):
    position: str


def trouble_routes(
    switches: Mapping[str, Switch],
    overview: Callable[[], Awaitable[Mapping[str, object]]],
    run_redrive: Callable[[str, list[str]], Awaitable[Redriven]],
) -> list[BaseRoute]:
    one_at_a_time = asyncio.Lock()  # a look at the dead letters holds them for an instant

    async def show(_: Request) -> JSONResponse:
        positions = {
            name: {"position": switch.position, "positions": switch.positions} for name, switch in switches.items()
        }
        async with one_at_a_time:
            try:
                seen = await overview()
            except httpx.HTTPError:
                return JSONResponse({"switches": positions, "unknown": "Firestore is not responding right now."})
        return JSONResponse({"switches": positions, **seen})

    async def redrive(request: Request) -> JSONResponse:
        wanted = _decoded(await request.body(), _Redrive)
        if wanted.kind not in KINDS:
            raise HTTPException(400, f"kind must be one of {', '.join(KINDS)}")
        async with one_at_a_time:
            return JSONResponse(asdict(await run_redrive(wanted.kind, wanted.ids)))

    async def put_switch(request: Request) -> JSONResponse:
        wanted = _decoded(await request.body(), _Position).position
        switch = switches.get(request.path_params["name"])
        if switch is None or wanted not in switch.positions:
            raise HTTPException(404, "No such switch or position")
        try:
            await switch.put(wanted)
        except StackError as error:
            raise HTTPException(409, str(error)) from error
        return JSONResponse({"position": switch.position})

    return [
        Route("/api/trouble", show),
        Route("/api/trouble/redrive", redrive, methods=["POST"]),
        Route("/api/trouble/switches/{name}", put_switch, methods=["POST"]),
    ]


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise HTTPException(400, str(error)) from error
