import asyncio
from collections.abc import Awaitable
from pathlib import Path

import httpx

from blueprint.topology import read_topology
from emulator.functions.running import function_program


async def _awaited(answer: Awaitable[bool]) -> bool:
    return await answer


def test_function_is_ready_once_its_port_answers_whatever_the_status() -> None:
    function = read_topology().functions["create_user"]

    def answers(transport: httpx.MockTransport) -> bool:
        client = httpx.AsyncClient(transport=transport)
        program = function_program(function, bundle=Path("build"), port=1, environment={}, client=client)
        return asyncio.run(_awaited(program.is_serving()))

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert answers(httpx.MockTransport(lambda _: httpx.Response(404)))
    assert not answers(httpx.MockTransport(refuse))
