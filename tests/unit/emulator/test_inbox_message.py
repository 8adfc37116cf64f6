"""One mail and its parts, as tests and browsers ask for them."""

import pytest

from emulator.inbox.mailbox import Mailbox
from tests.unit.emulator.inbox_calls import RAW, call, mail, mailbox_with

TO_ZOE = (
    b"To: zoe@example.com\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nHello Zoe\r\n"
    b"--B\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n"
    b"--B\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename*=utf-8''a%22%0D%0Ab.html\r\n\r\n"
    b"<script>alert(2)</script>\r\n--B--\r\n"
)
LATEST = ["message/latest", "message/latest/headers", "message/latest/raw", "message/latest/part/3"]
VIEWS = ["/view/latest.html", "/view/latest.txt"]


@pytest.mark.parametrize("path", [*LATEST, *VIEWS])
def test_latest_is_the_newest_that_the_query_finds(path: str) -> None:
    zoes = mail(TO_ZOE)
    mailbox = mailbox_with(mail(TO_ZOE.replace(b"alert", b"older")), zoes, mail())

    found = call(mailbox, f"{path}?query=to:zoe@example.com&tz=")

    assert found.status_code == 200
    assert found.content == call(mailbox, path.replace("latest", zoes.id)).content
    assert b"older" not in found.content


@pytest.mark.parametrize("query", ["", "?query=", "?query=%20"])
def test_latest_is_the_newest_of_all_without_a_query(query: str) -> None:
    newest = mail()

    answer = call(mailbox_with(mail(TO_ZOE), newest), f"message/latest{query}")

    assert answer.json()["ID"] == newest.id


@pytest.mark.parametrize("path", [*LATEST, *VIEWS])
@pytest.mark.parametrize(
    ("query", "status"),
    [("query=to:nobody", 404), ("query=is:starred", 400), ("search=to:zoe", 400), ("query=to:zoe&query=to:ewan", 400)],
)
def test_latest_falls_back_on_no_other_mail(path: str, query: str, status: int) -> None:
    assert call(mailbox_with(mail(TO_ZOE)), f"{path}?{query}").status_code == status


@pytest.mark.parametrize("path", [*LATEST, *VIEWS])
def test_empty_mailbox_has_no_latest_mail(path: str) -> None:
    assert call(Mailbox(), path).status_code == 404


def test_query_goes_with_latest_only() -> None:
    zoes = mail(TO_ZOE)

    assert call(mailbox_with(zoes), f"message/{zoes.id}?query=to:zoe").status_code == 400


def test_views_show_the_html_and_the_text() -> None:
    zoes = mail(TO_ZOE)
    mailbox = mailbox_with(zoes, mail())

    html, text = (call(mailbox, f"/view/{zoes.id}.{form}") for form in ("html", "txt"))

    assert (html.text, html.headers["Content-Type"]) == ("<script>alert(1)</script>", "text/html; charset=utf-8")
    assert (text.text, text.headers["Content-Type"]) == ("Hello Zoe", "text/plain; charset=utf-8")
    assert zoes.read
    assert call(mailbox, "/view/latest.html").status_code == 404  # this one has no HTML


@pytest.mark.parametrize(
    "path", ["/view/latest.html", "/view/latest.txt", "message/latest/raw", "message/latest/part/3"]
)
def test_what_a_stranger_wrote_runs_nothing_and_loads_nothing(path: str) -> None:
    policy = call(mailbox_with(mail(TO_ZOE)), path).headers["Content-Security-Policy"]

    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; ")


@pytest.mark.parametrize(
    ("head", "content_type", "disposition"),
    [
        (b"Content-Type: image/png; name=a.png", "image/png", 'inline; filename="a.png"'),
        (b"Content-Type: image/png\r\nContent-ID: <logo>", "image/png", 'inline; filename="logo"'),
        (
            b"Content-Type: x\xff/y\r\nContent-Disposition: attachment; filename*=utf-8''a%22%0D%0A%C3%A9",
            "application/octet-stream",
            'inline; filename="a%22%0D%0A%C3%A9"',
        ),
    ],
)
def test_attachment_comes_with_a_safe_type_and_name(head: bytes, content_type: str, disposition: str) -> None:
    answer = call(mailbox_with(mail(head + b"\r\n\r\nabc")), "message/latest/part/1")

    assert answer.content == b"abc"
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (content_type, disposition)


@pytest.mark.parametrize("part", ["0", "1", "4", "-1", "x" * 5_000])
def test_what_is_not_an_attachment_is_not_found(part: str) -> None:
    assert call(mailbox_with(mail(TO_ZOE)), f"message/latest/part/{part}").status_code == 404


def test_source_can_be_saved_as_a_file() -> None:
    welcome = mail()

    answer = call(mailbox_with(welcome), f"message/{welcome.id}/raw?dl=1")

    assert answer.content == RAW
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{welcome.id}.eml"'
