"""From the POST to the mail in the inbox, on the stack as a user runs it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from testkit.inbox import Inbox
from testkit.signing_up import TRACE_ID, an_address, members, sign_up
from testkit.stack import LocalStack


def test_sign_up_is_answered_with_the_user_and_nothing_secret(stack: LocalStack) -> None:
    body = members(company="Canary Mines")

    response = sign_up(stack.create_user_url, body)

    user = response.json()
    assert response.status_code == 201
    assert response.headers["Content-Type"] == "application/json"
    assert user.keys() == {"id", "name", "company", "email", "created_at"}
    assert UUID(user["id"]).version == 4
    assert [user[name] for name in ("name", "company", "email")] == ["Ewan Canary", "Canary Mines", body["email"]]
    assert datetime.now(UTC) - datetime.fromisoformat(user["created_at"]) < timedelta(minutes=5)


def test_new_user_gets_one_welcome_mail(stack: LocalStack, inbox: Inbox) -> None:
    address = an_address()

    sign_up(stack.create_user_url, members(email=address, company="Canary Mines"))
    mail = inbox.wait_for_mail_to(address)

    event_id = mail["Message-ID"].removeprefix("<").removesuffix("@usher.example>")
    assert UUID(event_id).version == 5
    assert str(mail["From"]) == "Usher <welcome@usher.example>"
    assert str(mail["To"]) == address
    assert mail["Subject"] == "Welcome to Usher"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Trace-Id"] == TRACE_ID
    assert abs(datetime.now(UTC) - mail["Date"].datetime) < timedelta(minutes=5)
    for kind in ("plain", "html"):
        part = mail.get_body([kind])
        assert part is not None
        text = part.get_content()
        assert "Hello Ewan Canary," in text
        assert "Canary Mines" not in text
        assert address not in text


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert('canary')</script>",
        '"Canary, Ewan" <evil@canary.example>',
        "=?utf-8?q?Canary?= {{ 7 * 7 }} %s ${HOME}",
        "canary \N{BIRD} Ünïcödé \N{ZERO WIDTH JOINER}",
        "." + "canary. " * 12,
    ],
)
def test_hostile_name_is_stored_and_not_mailed(stack: LocalStack, inbox: Inbox, name: str) -> None:
    address = an_address()

    response = sign_up(stack.create_user_url, members(name=name, email=address))
    mail = inbox.wait_for_mail_to(address)

    assert response.json()["name"] == name.strip()
    assert not any("canary" in value.casefold() for header, value in mail.items() if header != "To")
    assert [str(each) for each in mail["To"].addresses] == [address]
    plain, html = (mail.get_body([kind]) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert plain.get_content().startswith("Hello,\r\n")
    assert ">Hello,<" in html.get_content()


def test_name_with_a_line_break_is_rejected(stack: LocalStack) -> None:
    response = sign_up(stack.create_user_url, members(name="Ewan\r\nBcc: evil@canary.example"))

    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == ["name"]


@pytest.mark.parametrize(
    "password",
    [
        "canary! " + "plum tractor violet " * 12 + "harbours",
        "canary" + "\N{BIRD}" * 250,
        "canary cafe\N{COMBINING ACUTE ACCENT} \N{ZERO WIDTH SPACE}\t\N{NULL}" + "長" * 20,
    ],
)
def test_long_and_multibyte_passwords_sign_up(stack: LocalStack, password: str) -> None:
    response = sign_up(stack.create_user_url, members(password=password))

    assert response.status_code == 201
