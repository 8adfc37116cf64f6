from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from emulator.inbox.mailbox import ReceivedMail
from emulator.inbox.search import SearchError, read_search

BERLIN = ZoneInfo("Europe/Berlin")
MAIL = ReceivedMail(
    "bounces@usher.example",
    ["ewan@example.com", "audit@example.com"],
    b"From: Usher <welcome@usher.example>\r\nTo: Ewan <ewan@example.com>\r\nCc: Zoe <zoe@example.com>\r\n"
    b"Reply-To: help@usher.example\r\nSubject: Welcome to Usher\r\nMessage-ID: <E1@usher.example>\r\n"
    b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nHello Ewan, glad\r\nthat you are here.\r\n"
    b"--B\r\nContent-Type: text/html\r\n\r\n<p>Fish &amp; <a href='https://usher.example/start'>chips</a></p>\r\n"
    b"--B\r\nContent-Disposition: attachment; filename=terms.pdf\r\n\r\nabc\r\n--B--\r\n".ljust(1_500),
    received_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "query",
    [
        "to:ewan@example.com",
        "TO:Ewan@EXAMPLE.com",
        "to:ewan",
        "from:usher.example",
        "subject:welcome",
        'subject:"welcome to"',
        'subject:"welcome to',
        "message-id:<e1@usher.example>",
        "glad",
        '"hello ewan"',
        "to:ewan subject:usher glad",
        "to",
        "cc:zoe",
        "bcc:audit@example.com",
        "reply-to:help",
        "addressed:audit",
        "addressed:welcome@usher.example",
        "is:unread",
        "IS:Unread",
        "!is:read",
        "has:attachment",
        "has:attachments",
        "-has:inline",
        "-to:zoe",
        "!to:zoe",
        '-"to:zoe"',
        "!absent",
        '-subject:"goodbye to" glad',
        "after:2026-11-24",
        "after:2026/11/24",
        'before:"2026-11-24 11:00"',
        "before:2026-11-24T10:00:00Z",
        "!after:2026-11-25",
        "larger:1kb",
        "larger:1.2K",
        "smaller:1mb",
        "smaller:1501",
        "-smaller:1500",
        '"glad that you"',
        "chips",
        '"fish & chips"',
        "https://usher.example/start",
        "terms.pdf",
        "bounces@usher.example",
        "glad ,",
    ],
)
def test_query_finds_the_mail(query: str) -> None:
    assert read_search(query, zone=BERLIN)(MAIL)


@pytest.mark.parametrize(
    "query",
    [
        "to:welcome@usher.example",
        "from:ewan",
        "subject:glad",
        "subject:;",
        "message-id:e2",
        "absent",
        "to:ewan absent",
        "from",
        "to:ewan -glad",
        "-to:ewan",
        "!to:ewan",
        "addressed:nobody",
        "is:read",
        "!is:unread",
        "has:inlines",
        "!has:attachment",
        "after:2026-11-25",
        "-before:2026-11-25",
        'before:"2026-11-24 10:59"',
        "larger:1500",
        "smaller:1k",
        '"is:blue"',
        "href",
    ],
)
def test_query_passes_over_the_mail(query: str) -> None:
    assert not read_search(query, zone=BERLIN)(MAIL)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("is:starred", "is:starred"),
        ("to:ewan -has:link", "has:link"),
        ("tag:welcome", "tag:"),
        ("!is:tagged", "is:tagged"),
        ("sender:usher", "sender:"),
        ("after:yesterday", "after:"),
        ("before:2026-13-01", "before:"),
        ("larger:huge", "larger:"),
        ("smaller:-1", "smaller:"),
    ],
)
def test_filter_that_cannot_be_answered_is_named(query: str, named: str) -> None:
    with pytest.raises(SearchError, match=named):
        read_search(query)


@pytest.mark.parametrize("query", ["", " ", '""', "; ,", "-;", "to:", 'glad -from:" "'])
def test_strict_query_has_no_blank_term(query: str) -> None:
    with pytest.raises(SearchError, match="needs a value"):
        read_search(query, strict=True)


@pytest.mark.parametrize("query", ["glad to:", 'glad -from:" "', "glad -;"])
def test_blank_term_counts_for_nothing_elsewhere(query: str) -> None:
    assert read_search(query)(MAIL)
    assert not read_search(query)(ReceivedMail("", [], b""))


def test_read_mail_is_found_as_read() -> None:
    mail = ReceivedMail("", [], b"", read=True)

    assert read_search("is:read")(mail)
    assert not read_search("is:unread")(mail)


@pytest.mark.parametrize(
    "query",
    [
        "to:x@bücher.de",
        "to:X@BÜCHER.DE",
        "to:x@bu\u0308cher.de",
        "to:x@xn--bcher-kva.de",
        "to:XN--BCHER-KVA",
        "to:xn--bch",
        "to:bücher",
        "addressed:bücher.de",
        "bücher.de",
        "to:y@straße.de",
        "bcc:z@bücher.de",
        "-to:y@strasse.de",
        "-bcc:x@bücher.de",
    ],
)
def test_address_is_found_in_whatever_form_it_is_typed(query: str) -> None:
    mail = ReceivedMail(
        "",
        ["x@xn--bcher-kva.de", "z@xn--bcher-kva.de"],
        b"To: x@xn--bcher-kva.de, y@xn--strae-oqa.de\r\n\r\n",
    )

    assert read_search(query)(mail)
