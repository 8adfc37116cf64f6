import asyncio
from collections.abc import Awaitable
from pathlib import Path

import httpx

from blueprint.topology import read_topology
from emulator.functions.running import function_program
from emulator.same_machine import refusal


def answers(transport: httpx.MockTransport) -> bool:
    client = httpx.AsyncClient(transport=transport)
    function = read_topology().functions["create_user"]
    program = function_program(function, bundle=Path("build"), port=1, environment={}, client=client)
    return asyncio.run(_awaited(program.is_serving()))


async def _awaited(answer: Awaitable[bool]) -> bool:
    return await answer


def test_function_is_ready_once_its_port_answers_whatever_the_status() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert answers(httpx.MockTransport(lambda _: httpx.Response(403)))
    assert not answers(httpx.MockTransport(refuse))


def test_function_itself_is_not_called_by_the_question_whether_it_is_ready() -> None:
    asked: list[httpx.Request] = []

    def see(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(403)

    answers(httpx.MockTransport(see))

    [headers] = [request.headers for request in asked]
    assert refusal(*(headers.get_list(name) for name in ("Host", "Origin", "Sec-Fetch-Site")))
