import asyncio

import httpx
import pytest

from emulator.inbox.mailbox import Mailbox
from emulator.status import Part, StackStatus, State
from emulator.ui.app import create_app


def get(path: str, *parts: Part, host: str = "127.0.0.1:8088") -> httpx.Response:
    app = create_app(Mailbox(), lambda: StackStatus({part.name: part for part in parts}))

    async def request() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}") as client:
            return await client.get(path)

    return asyncio.run(request())


def part(state: State) -> Part:
    started = Part(name="create_user", address="http://127.0.0.1:8080/")
    started.enter(state)
    return started


def test_status_is_200_once_every_part_is_ready() -> None:
    response = get("/api/status", part(State.READY))

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "parts": {"create_user": {"state": "ready", "address": "http://127.0.0.1:8080/"}},
    }


@pytest.mark.parametrize("state", [State.STARTING, State.RESTARTING, State.STOPPED])
def test_status_is_503_while_a_part_is_not_ready(state: State) -> None:
    response = get("/api/status", part(state))

    assert (response.status_code, response.json()["ready"]) == (503, False)


def test_page_lists_addresses_and_links_the_inbox() -> None:
    page = get("/", part(State.READY)).text

    assert "http://127.0.0.1:8080/" in page
    assert 'href="/api/v1/messages"' in page


@pytest.mark.parametrize("path", ["/", "/api/status", "/api/v1/messages"])
def test_name_of_another_site_is_refused(path: str) -> None:
    assert get(path, host="evil.example").status_code == 400


@pytest.mark.parametrize("host", ["localhost:8088", "[::1]:8088"])
def test_every_name_of_this_machine_is_answered(host: str) -> None:
    assert get("/api/v1/messages", host=host).status_code == 200
