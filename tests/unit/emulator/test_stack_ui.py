import asyncio
from collections.abc import Callable, Mapping
from unittest.mock import ANY

import httpx
import pytest

from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.rest import inbox_routes
from emulator.processes.status import Part, StackStatus, State
from emulator.ui.app import create_app
from emulator.ui.mail_html import mail_html_routes

HERE = "127.0.0.1:8088"


def request(
    method: str,
    path: str,
    *parts: Part,
    headers: Mapping[str, str] | None = None,
    mailbox: Mailbox | None = None,
    opened: Callable[[str], None] = print,
) -> httpx.Response:
    mailbox = mailbox or Mailbox()
    app = create_app(
        lambda: StackStatus({part.name: part for part in parts}),
        [*inbox_routes(mailbox), *mail_html_routes(mailbox, opened)],
        create_user_url="http://127.0.0.1:8080/",
        told=lambda: {"trouble": {}},
    )

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HERE}") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


def get(path: str, *parts: Part) -> httpx.Response:
    return request("GET", path, *parts)


def part(state: State) -> Part:
    started = Part(name="create_user", address="http://127.0.0.1:8080/")
    started.enter(state)
    return started


def test_status_is_200_once_every_part_is_ready() -> None:
    response = get("/api/status", part(State.READY))

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "parts": {
            "create_user": {"name": "create_user", "state": "ready", "since": ANY, "address": "http://127.0.0.1:8080/"}
        },
        "trouble": {},
    }


@pytest.mark.parametrize("state", [state for state in State if state is not State.READY])
def test_status_is_503_while_a_part_is_not_ready(state: State) -> None:
    response = get("/api/status", part(state))

    assert (response.status_code, response.json()["ready"]) == (503, False)


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/status", "/api/v1/messages", "/api/nothing"])
def test_answer_may_load_from_nowhere_else(path: str) -> None:
    headers = get(path).headers

    assert headers["Content-Security-Policy"].startswith(
        "default-src 'self'; connect-src 'self' http://127.0.0.1:8080/; frame-ancestors 'self'; "
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_html_of_a_mail_runs_nothing_and_loads_nothing() -> None:
    mailbox = Mailbox()
    mailbox.add(ReceivedMail("", [], b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>", id="m1"))

    answer = request("GET", "/api/mail/m1/html", mailbox=mailbox)

    assert answer.text == "<script>alert(1)</script>"
    assert answer.headers["Content-Security-Policy"].startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'"
    )


def test_link_in_a_mail_opens_in_a_tab_of_its_own_and_is_seen() -> None:
    opened: list[str] = []
    html = b'<p>24 h</p><a href="http://127.0.0.1:8080/sign-up?a=1&amp;b=2#WyJ.-_9" style="">open</a>'
    mailbox = Mailbox()
    mailbox.add(ReceivedMail("", [], b"Message-ID: <e1@usher.example>\nContent-Type: text/html\n\n" + html, id="m1"))
    mailbox.add(ReceivedMail("", [], b'Content-Type: text/html\n\n<a href="javascript:alert(1)#x">open</a>', id="m2"))

    shown = request("GET", "/api/mail/m1/html", mailbox=mailbox, opened=opened.append)
    assert shown.text.startswith('<p>24 h</p><a target="_blank" href="/api/mail/m1/link" ')
    assert opened == []
    answer = request("GET", "/api/mail/m1/link", mailbox=mailbox, opened=opened.append)

    assert (answer.status_code, answer.headers["Location"]) == (303, "http://127.0.0.1:8080/sign-up?a=1&b=2#WyJ.-_9")
    assert opened == ["e1"]
    assert request("GET", "/api/mail/m2/link", mailbox=mailbox, opened=opened.append).status_code == 404


def test_mail_that_is_gone_has_no_html() -> None:
    assert get("/api/mail/gone/html").status_code == 404


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8088",
        "localhost..",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil",
        "[::1",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/status", "/api/v1/messages"])
def test_name_of_another_site_is_refused(path: str, host: str) -> None:
    assert request("GET", path, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "host", ["localhost:8088", "[::1]:8088", "127.0.0.1", "LOCALHOST", "LocalHost:8088", "localhost.:8088"]
)
def test_every_name_of_this_machine_is_answered(host: str) -> None:
    headers = {"Host": host, "Origin": f"http://{host.lower()}"}

    assert request("DELETE", "/api/v1/messages", headers=headers).text == "ok"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:8080"},
        {"Origin": "http://localhost:8088"},
        {"Origin": f"https://{HERE}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_page_of_another_origin_changes_nothing(headers: Mapping[str, str]) -> None:
    mailbox = Mailbox()
    mailbox.add(ReceivedMail("", [], b""))

    answer = request("DELETE", "/api/v1/messages", headers=headers, mailbox=mailbox)

    assert answer.status_code == 403
    assert len(mailbox.newest_first()) == 1


@pytest.mark.parametrize("headers", [{}, {"Origin": f"http://{HERE}", "Sec-Fetch-Site": "same-origin"}])
def test_own_page_and_programs_may_change_things(headers: Mapping[str, str]) -> None:
    assert request("DELETE", "/api/v1/messages", headers=headers).text == "ok"
