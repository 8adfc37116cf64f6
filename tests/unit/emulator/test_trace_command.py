import httpx
import pytest

from emulator.commands.trace import trace
from emulator.processes.errors import StackError

JOURNEY = {
    "user_id": "u1", "event_id": "e1", "trace_id": "t1", "state": "complete",
    "steps": [
        {"name": "mail accepted", "by": "send_email", "start": 1000.1, "end": 1004.0, "detail": "3 attempts"},
        {"name": "request", "by": "create_user", "start": 1000.0, "end": 1000.25, "detail": ""},
    ],
}  # fmt: skip


def words(answer: httpx.Response | httpx.TransportError) -> list[str]:
    def respond(request: httpx.Request) -> httpx.Response:
        assert request.url == "http://stack/api/journey?of=ewan%40example.com"
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    said: list[str] = []
    with httpx.Client(transport=httpx.MockTransport(respond)) as client:
        trace("ewan@example.com", ui_url="http://stack", client=client, say=said.append)
    return "\n".join(said).splitlines()


def test_steps_are_shown_in_order_of_time() -> None:
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
    with pytest.raises(StackError) as told:
        words(httpx.ConnectError("refused"))

    assert (
        str(told.value)
        == "No local stack is responding at http://stack/: start it with make run, or pass its --base-port."
    )


@pytest.mark.parametrize(
    "other", [httpx.Response(404, html="<h1>Not found</h1>"), httpx.Response(200, json=[]), httpx.Response(200)]
)
def test_answer_of_another_program_is_one_sentence(other: httpx.Response) -> None:
    with pytest.raises(StackError, match=r"Another program is responding at http://stack/: pass the stack's"):
        words(other)
