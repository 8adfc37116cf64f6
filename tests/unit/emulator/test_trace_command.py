import httpx
import pytest

from emulator.commands.trace import trace
from emulator.processes.errors import StackError

JOURNEY = {
    "user_id": "u1", "event_id": "e1", "trace_id": "t1", "state": "complete",
    "steps": [
        {"name": "request", "by": "create_user", "start": 1000.0, "end": 1000.25, "detail": ""},
        {"name": "mail accepted", "by": "send_email", "start": 1001.0, "end": 1004.0, "detail": "3 attempts"},
    ],
}  # fmt: skip


def words(answer: httpx.Response | httpx.TransportError) -> list[str]:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url == "http://stack/api/journeys/u1"
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    said: list[str] = []
    with httpx.Client(transport=httpx.MockTransport(respond)) as client:
        trace("u1", ui_url="http://stack", client=client, say=said.append)
    return "\n".join(said).splitlines()


def test_each_step_is_shown_with_its_times() -> None:
    *ids, _, first, second, _, state = words(httpx.Response(200, json=JOURNEY))

    assert ids == ["user u1", "event e1", "trace t1"]
    assert [step.split(maxsplit=1)[1] for step in (first, second)] == [
        "250 ms  request          create_user",
        "4000 ms  mail accepted    send_email    3 attempts",
    ]
    assert state == "complete"


def test_unknown_user_is_reported() -> None:
    with pytest.raises(StackError, match="no such user"):
        words(httpx.Response(404, text="no such user"))


def test_missing_stack_is_reported() -> None:
    with pytest.raises(StackError, match="start it with make run"):
        words(httpx.ConnectError("refused"))
