"""The command on a stack with VERIFY_EMAIL=true: by the link in the mail."""

import json
from collections.abc import Mapping

import httpx
import pytest

from emulator.commands.create_user import create_user

SIGN_UP = {"name": "Ewan", "email": "ewan@example.com", "password": "plum tractor violet harbour"}
LINK = "Open this link:\n\nhttp://127.0.0.1:8080/sign-up#WyJzaWdu.c2ln-_\n\nIf it was not you"
INBOX = {"server": "127.0.0.1:8087", "local": True, "inbox": True}
TOKEN_REQUIRED = {"errors": [{"field": "token", "code": "required", "message": "token is required"}]}


class MailboxFirst:
    """Mails `sends` after a request, if that is something, and a welcome mail after a sign-up with the link's token."""

    def __init__(self, *, sends: str = LINK, held: Mapping[str, str] = {}, mail: Mapping[str, object] = INBOX) -> None:
        self.sends = sends
        self.mails = dict(held)  # oldest first
        self.mail = mail
        self.under_way: dict[str, str] = {}
        self.posts: list[tuple[str, dict[str, str]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        *_, last = request.url.path.split("/")
        if request.method == "POST":
            return self._posted(request.url.path, json.loads(request.content))
        if last == "status":
            told = {"ready": True, "parts": {}, "mail": self.mail, "sign_up": {"verify_email": True}}
            return httpx.Response(200, json=told)
        if last == "search":
            to = [{"Address": SIGN_UP["email"]}]
            found = [{"ID": each, "To": to} for each in reversed(self.mails)]
            self.mails |= self.under_way
            return httpx.Response(200, json={"messages": found})
        return httpx.Response(200, json={"Text": self.mails[last]})

    def _posted(self, path: str, body: dict[str, str]) -> httpx.Response:
        self.posts.append((path, body))
        if path == "/sign-ups":
            self.mails |= {"m1": self.sends} if self.sends else {}
            return httpx.Response(202, json={"status": "accepted"})
        if body.get("token") != "WyJzaWdu.c2ln-_":
            return httpx.Response(422, json=TOKEN_REQUIRED)
        self.under_way = {"m2": "Your account is ready."}  # arrives after a first look
        return httpx.Response(201, json={"id": "u1", "email": SIGN_UP["email"]})

    def sign_up(self, ui_url: str | None = "http://ui") -> tuple[bool, list[str]]:
        words: list[str] = []
        with httpx.Client(transport=httpx.MockTransport(self)) as client:
            created = create_user(SIGN_UP, url="http://local/", ui_url=ui_url, client=client, say=words.append)
        return created, "\n".join(words).splitlines()


def test_address_is_asked_for_first_and_name_and_password_come_with_the_token() -> None:
    server = MailboxFirst()

    created, words = server.sign_up()

    assert created
    request, (path, body) = server.posts
    assert request == ("/sign-ups", {"email": "ewan@example.com"})
    assert path == "/"
    assert body == {"token": "WyJzaWdu.c2ln-_", "name": "Ewan", "password": SIGN_UP["password"]}
    assert words[0] == "202 Accepted"
    assert "Mail with the link, arrived after 0.0 s: http://ui/#/inbox/mail/m1" in words
    assert words[-2] == "Journey: http://ui/#/journeys/u1"
    assert words[-1].startswith("Mail, arrived after 0.")
    assert words[-1].endswith("http://ui/#/inbox/mail/m2")
    assert not any(secret in line for line in words for secret in (body["token"], body["password"]))


def test_link_of_an_earlier_request_is_used_where_no_other_mail_comes() -> None:
    created, words = MailboxFirst(sends="", held={"m0": LINK}).sign_up()

    assert created
    assert "Mail with the link, of an earlier request: http://ui/#/inbox/mail/m0" in words


def test_mail_that_holds_no_link_tells_that_there_is_an_account() -> None:
    server = MailboxFirst(sends="An account with this address already exists.", held={"m0": "Your account is ready."})

    created, words = server.sign_up()

    assert not created
    assert words[-1] == "An account with this address already exists, as the mail says: http://ui/#/inbox/mail/m1"
    assert [path for path, _ in server.posts] == ["/sign-ups"]


def test_mail_that_does_not_come_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.commands.mails.MAIL_SECONDS", 0.01)

    created, words = MailboxFirst(sends="", held={"m0": "Your account is ready."}).sign_up()

    assert not created
    assert words[-1].startswith("No mail arrived within 15 s: there is one a minute to an address")


def test_link_that_goes_elsewhere_is_left_to_a_person() -> None:
    server = MailboxFirst(mail={"server": "smtp.example.com:587", "local": False, "inbox": False})

    created, words = server.sign_up()

    assert not created
    assert words[-1] == "The mail is sent through smtp.example.com:587: open the link in it to finish signing up."


def test_function_elsewhere_that_takes_the_mailbox_first_is_explained() -> None:
    created, words = MailboxFirst().sign_up(ui_url=None)

    assert not created
    assert words == [
        "422 Unprocessable Entity",
        "  token is required",
        "The mailbox comes first here (VERIFY_EMAIL): POST the address to /sign-ups, and open the link.",
    ]
