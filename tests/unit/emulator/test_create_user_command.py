import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from emulator.commands.create_user import create_user
from emulator.processes.errors import StackError

SIGN_UP = {"name": "Ewan", "email": "ewan@example.com", "password": "plum tractor violet harbour"}
CREATED = httpx.Response(201, json={"id": "u1", "email": "ewan@example.com"})

Answer = Callable[[httpx.Request], httpx.Response]


class FakeServer:
    """Gives these answers to the POSTs, in order, and holds a mail, or its `inbox` cannot be reached."""

    def __init__(
        self,
        *answers: httpx.Response | httpx.TransportError,
        mails_to: str = "",
        mail: Mapping[str, object] | None = None,
        inbox: httpx.TransportError | None = None,
    ) -> None:
        self.answers = list(answers)
        self.mails_to = mails_to
        self.mail = mail or {"server": "127.0.0.1:8087", "local": True, "inbox": True}
        self.inbox = inbox
        self.posts: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            if self.inbox:
                raise self.inbox
            if request.url.path == "/api/status":
                return httpx.Response(200, json={"ready": True, "parts": {}, "mail": self.mail})
            assert self.mail["inbox"], "waits for a mail that cannot come"
            return httpx.Response(200, json={"messages": [{"ID": "m1", "To": [{"Address": self.mails_to}]}]})
        self.posts.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def sign_up(self, ui_url: str | None = None) -> tuple[bool, str]:
        words: list[str] = []
        with httpx.Client(transport=httpx.MockTransport(self)) as client:
            created = create_user(SIGN_UP, url="http://local/", ui_url=ui_url, client=client, say=words.append)
        return created, "\n".join(words)


def test_new_user_is_shown() -> None:
    server = FakeServer(CREATED)

    created, words = server.sign_up()

    assert created
    assert words.startswith("201 Created\n{")
    assert json.loads(server.posts[0].content) == SIGN_UP
    assert SIGN_UP["password"] not in words


def test_arrival_of_the_mail_is_reported_on_the_local_stack() -> None:
    _, words = FakeServer(CREATED, mails_to="Ewan@Example.com").sign_up(ui_url="http://ui")

    assert words.splitlines()[-2:] == [
        "Journey: http://ui/#/journeys/u1",
        "Mail, arrived after 0.0 s: http://ui/#/inbox/mail/m1",
    ]


@pytest.mark.parametrize("typed", ["x@bücher.de", "X@BÜCHER.DE", "x@bu\u0308cher.de", "x@xn--bcher-kva.de"])
def test_mail_to_another_form_of_the_address_has_arrived(typed: str) -> None:
    created = httpx.Response(201, json={"id": "u1", "email": typed})

    _, words = FakeServer(created, mails_to="x@xn--bcher-kva.de").sign_up(ui_url="http://ui")

    assert "Mail, arrived after" in words


def test_user_is_created_where_no_inbox_answers() -> None:
    server = FakeServer(CREATED, inbox=httpx.ConnectError("refused"))

    created, words = server.sign_up(ui_url="http://ui")

    assert created
    assert "No local stack is responding at http://ui/: " in words


@pytest.mark.parametrize(
    ("mail", "said"),
    [
        ({"server": "smtp.example.com:587", "local": False}, "smtp.example.com:587, to the real address: it does not"),
        ({"server": "127.0.0.1:1025", "local": True}, "127.0.0.1:1025: it does not"),
    ],
)
def test_mail_that_cannot_come_here_is_not_waited_for(mail: Mapping[str, object], said: str) -> None:
    created, words = FakeServer(CREATED, mail={**mail, "inbox": False}).sign_up(ui_url="http://ui")

    assert created
    assert words.splitlines()[-1] == f"The welcome mail is sent through {said} arrive in the inbox here."


@pytest.mark.parametrize("lost", [httpx.ReadError("reset"), httpx.Response(503)])
def test_request_is_repeated_once_with_the_same_key(lost: httpx.Response | httpx.TransportError) -> None:
    server = FakeServer(lost, CREATED)

    created, _ = server.sign_up()

    first, second = (request.headers["Idempotency-Key"] for request in server.posts)
    assert created
    assert first == second


def test_other_answers_are_not_repeated() -> None:
    server = FakeServer(httpx.Response(500, text="broken"))

    assert server.sign_up() == (False, "500 Internal Server Error\nbroken")


def test_each_sign_up_has_a_key_of_its_own() -> None:
    server = FakeServer(CREATED, CREATED)

    server.sign_up()
    server.sign_up()

    assert len({request.headers["Idempotency-Key"] for request in server.posts}) == 2


def test_problem_is_readable() -> None:
    problem = {
        "title": "Unprocessable Entity",
        "detail": "Two fields cannot be used.",
        "errors": [
            {"field": "email", "message": "email has no @"},
            {"field": "password", "message": "password must be at least 15 characters (got 4)"},
        ],
    }

    created, words = FakeServer(httpx.Response(422, json=problem)).sign_up()

    assert not created
    assert words.splitlines()[1:] == [
        "  email has no @",
        "  password must be at least 15 characters (got 4)",
    ]


def test_stack_that_does_not_run_is_one_sentence() -> None:
    server = FakeServer(httpx.ConnectError("refused"), httpx.ConnectError("refused"))

    with pytest.raises(StackError, match=r"create_user is not responding at http://local/: start it with make run"):
        server.sign_up()
