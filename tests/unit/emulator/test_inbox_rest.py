import re
from pathlib import Path
from typing import Any

import pytest

from emulator.inbox.message_rest import message_routes
from emulator.inbox.rest import messages_routes
from tests.unit.emulator.inbox_calls import RAW, call, ids, mail, mailbox_with


def test_list_has_the_shape_of_mailpits() -> None:
    welcome = mail()

    answer = call(mailbox_with(welcome), "messages")

    assert answer.json() == {
        "total": 1,
        "unread": 1,
        "count": 1,
        "messages_count": 1,
        "messages_unread": 1,
        "start": 0,
        "tags": [],
        "messages": [
            {
                "ID": welcome.id,
                "MessageID": "e1@usher.example",
                "Read": False,
                "From": {"Name": "Usher", "Address": "welcome@usher.example"},
                "To": [{"Name": "Ewan", "Address": "ewan@example.com"}],
                "Cc": [],
                "Bcc": [{"Name": "", "Address": "audit@example.com"}],
                "ReplyTo": [],
                "Subject": "Welcome",
                "Created": welcome.received_at.isoformat(),
                "Username": "",
                "Tags": [],
                "Size": len(RAW),
                "Attachments": 0,
                "Snippet": "Hello Ewan",
            }
        ],
    }


def test_message_has_the_shape_of_mailpits() -> None:
    welcome = mail()

    answer = call(mailbox_with(welcome), f"message/{welcome.id}")

    assert answer.json() == {
        "ID": welcome.id,
        "MessageID": "e1@usher.example",
        "From": {"Name": "Usher", "Address": "welcome@usher.example"},
        "To": [{"Name": "Ewan", "Address": "ewan@example.com"}],
        "Cc": [],
        "Bcc": [{"Name": "", "Address": "audit@example.com"}],
        "ReplyTo": [],
        "ReturnPath": "bounces@usher.example",
        "Subject": "Welcome",
        "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
        "Date": welcome.received_at.isoformat(),
        "Tags": [],
        "Username": "",
        "Text": "Hello  Ewan\r\n",
        "HTML": "",
        "Size": len(RAW),
        "Inline": [],
        "Attachments": [],
    }


def test_attachment_has_the_shape_of_mailpits() -> None:
    attached = mail(b"Content-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n\r\nabc")

    [attachment] = call(mailbox_with(attached), "message/latest").json()["Attachments"]

    assert attachment == {
        "PartID": "1",
        "FileName": "a.png",
        "ContentType": "image/png",
        "ContentID": "",
        "Size": 3,
        "Checksums": {
            "MD5": "900150983cd24fb0d6963f7d28e17f72",
            "SHA1": "a9993e364706816aba3e25717850c26c9cd0d89d",
            "SHA256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        },
    }


def test_headers_and_source_are_as_sent() -> None:
    mailbox = mailbox_with(mail())

    headers: dict[str, Any] = call(mailbox, "message/latest/headers").json()
    source = call(mailbox, "message/latest/raw")

    assert headers["X-A"] == ["1", "2"]
    assert headers["Message-Id"] == ["<e1@usher.example>"]
    assert source.content == RAW
    assert source.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_html_alone_gives_the_snippet_without_its_tags() -> None:
    html = mail(b"Content-Type: text/html\r\n\r\n<p>Fish &amp;\r\n<b>chips</b></p>" + b" x" * 200)

    [message] = call(mailbox_with(html), "messages").json()["messages"]

    assert message["Snippet"].startswith("Fish & chips x x")
    assert len(message["Snippet"]) == 203


def test_mail_is_read_once_it_was_opened() -> None:
    mailbox = mailbox_with(mail(), mail())

    call(mailbox, "message/latest")

    answer = call(mailbox, "messages").json()
    assert [message["Read"] for message in answer["messages"]] == [True, False]
    assert (answer["unread"], answer["messages_unread"]) == (1, 1)


def test_pages_go_from_start_by_limit() -> None:
    mails = [mail() for _ in range(60)]
    newest_first = [each.id for each in reversed(mails)]
    mailbox = mailbox_with(*mails)

    first, second = call(mailbox, "messages"), call(mailbox, "messages?start=50&limit=5")

    assert ids(first) == newest_first[:50]
    assert ids(second) == newest_first[50:55]
    assert second.json()["start"] == 50
    assert second.json()["messages_count"] == 60


def test_search_counts_what_it_found() -> None:
    ewans, zoes = mail(), mail(b"To: zoe@example.com\r\n\r\n")

    answer = call(mailbox_with(ewans, zoes), "search?query=to:ewan@example.com")

    assert ids(answer) == [ewans.id]
    assert (answer.json()["total"], answer.json()["messages_count"], answer.json()["messages_unread"]) == (2, 1, 1)


@pytest.mark.parametrize("part", ["", "/headers", "/raw", "/part/1"])
@pytest.mark.parametrize("mail_id", ["unknown", "..%2f..", "%00", "%ff", "x" * 5_000])
def test_unknown_message_is_not_found(mail_id: str, part: str) -> None:
    answer = call(mailbox_with(mail()), f"message/{mail_id}{part}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "messages?start=-1",
        "messages?limit=x",
        f"messages?limit={'9' * 5_000}",
        "messages?start=",
        "messages?query=to:ewan",
        "messages?limit=1&limit=2",
        "search",
        "search?query=%20",
        "search?query=to:ewan&after=2026-11-24",
        "search?query=after:2026-11-24&tz=../x",
    ],
)
def test_malformed_query_is_refused(path: str) -> None:
    assert call(mailbox_with(mail()), path).status_code == 400


@pytest.mark.parametrize("query", ["%22", "%ff", "%00", ":", "to:", "%28%5B*", "%22" * 5_000])
def test_hostile_search_is_answered(query: str) -> None:
    assert call(mailbox_with(mail()), f"search?query={query}").status_code == 200


def test_what_utf8_cannot_hold_becomes_question_marks() -> None:
    surrogate = mail(b"Content-Type: text/plain; charset=unicode-escape\r\n\r\na\\ud800b")

    answer = call(mailbox_with(surrogate), "message/latest")

    assert answer.json()["Text"] == "a?b"


def test_filter_that_is_not_known_is_named() -> None:
    answer = call(mailbox_with(mail()), "search?query=to:ewan%20is:starred")

    assert answer.status_code == 400
    assert "is:starred" in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(
    "path",
    [
        "tags",
        "tags/a",
        "chaos",
        "info",
        "send",
        "message/latest/part/1/thumb",
        "/view/latest",
        "/readyz",
        "/api/events",
    ],
)
def test_call_that_is_missing_says_so(method: str, path: str) -> None:
    answer = call(mailbox_with(mail()), path, method=method)

    assert answer.status_code == 501
    assert answer.text.startswith("This inbox does not implement ")


def test_page_lists_every_call() -> None:
    page = (Path(__file__).parents[3] / "docs" / "local-stack.md").read_text()
    routes = [*messages_routes(mailbox_with()), *message_routes(mailbox_with())]

    calls = {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}}

    assert set(re.findall(r"`((?:GET|PUT|DELETE) /[^`]+)`", page)) == calls
