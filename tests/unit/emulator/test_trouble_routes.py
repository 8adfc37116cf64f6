import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from emulator.processes.errors import StackError
from emulator.trouble.redrive_command import Redriven
from emulator.trouble.switches import Switch
from emulator.ui.trouble_routes import trouble_routes


class World:
    """A switch, and a redrive that remembers what it was asked for."""

    def __init__(self, *, firestore_answers: bool = True, can_switch: bool = True) -> None:
        self._firestore_answers = firestore_answers
        self._can_switch = can_switch
        self.redriven: list[tuple[str, list[str]]] = []
        self.switch = Switch({"up": self._flip, "down": self._flip})
        self._app = Starlette(routes=trouble_routes({"mail": self.switch}, self._overview, self._redrive))

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, f"/api/trouble{path}", json=body)

        return asyncio.run(request())

    async def _flip(self) -> None:
        if not self._can_switch:
            raise StackError("it is not ours")

    async def _overview(self) -> Mapping[str, Any]:
        if not self._firestore_answers:
            raise httpx.ConnectError("refused")
        return {"outbox": []}

    async def _redrive(self, kind: str, ids: list[str]) -> Redriven:
        self.redriven.append((kind, ids))
        return Redriven("python -m emulator redrive", "1 put back, 0 left", complete=True)


def test_switch_is_shown_where_it_was_put() -> None:
    world = World()

    assert world.ask("POST", "/switches/mail", {"position": "down"}).json() == {"position": "down"}

    switches = {"mail": {"position": "down", "positions": ["up", "down"]}}
    assert world.ask("GET", "").json() == {"switches": switches, "outbox": []}


def test_switches_are_shown_also_while_firestore_is_silent() -> None:
    answer = World(firestore_answers=False).ask("GET", "").json()

    assert answer.keys() == {"switches", "unknown"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/switches/mail", {"position": "sideways"}, 404),
        ("/switches/nothing", {"position": "up"}, 404),
        ("/switches/mail", {}, 400),
        ("/switches/mail", [], 400),
    ],
)
def test_unknown_switch_or_position_is_refused(path: str, body: object, status: int) -> None:
    world = World()

    assert world.ask("POST", path, body).status_code == status
    assert world.switch.position == "up"


def test_switch_of_what_is_not_the_stacks_own_says_so_and_stays() -> None:
    world = World(can_switch=False)

    answer = world.ask("POST", "/switches/mail", {"position": "down"})

    assert (answer.status_code, answer.text) == (409, "it is not ours")
    assert world.switch.position == "up"


def test_redrive_is_told_what_to_put_back_and_its_words_are_shown() -> None:
    world = World()

    answer = world.ask("POST", "/redrive", {"kind": "undeliverable", "ids": ["send_email.5b9fd1a7"]})

    assert world.redriven == [("undeliverable", ["send_email.5b9fd1a7"])]
    assert answer.json()["output"] == "1 put back, 0 left"


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"kind": "from_users"},
        {"kind": "malformed", "ids": ["a b"]},
        {"kind": "malformed", "ids": [""]},
        {"kind": "malformed", "IDs": ["1"]},
        {"kind": "malformed", "id": "1"},
    ],
)
def test_redrive_of_an_unknown_kind_or_a_malformed_id_is_refused(body: object) -> None:
    world = World()

    assert world.ask("POST", "/redrive", body).status_code == 400
    assert world.redriven == []
