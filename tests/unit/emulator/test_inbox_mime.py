import json
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.inbox import mailpit
from emulator.inbox.mailbox import ReceivedMail
from emulator.inbox.mime import Address, read_mail


def test_both_forms_of_the_text_are_read() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Welcome, Zoë"
    mail["From"] = "Usher <welcome@usher.example>"
    mail["To"] = '"Zoë, the second" <zoe@example.com>, ewan@example.com'
    mail["Date"] = "Tue, 24 Nov 2026 10:00:00 +0100"
    mail["Message-ID"] = "<1@usher.example>"
    mail.set_content("Grüße\n")
    mail.add_alternative("<p>Grüße</p>\n", subtype="html")

    content = read_mail(bytes(mail))

    assert content.subject == "Welcome, Zoë"
    assert content.sender == Address("Usher", "welcome@usher.example")
    assert content.to == [Address("Zoë, the second", "zoe@example.com"), Address("", "ewan@example.com")]
    assert content.date == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert content.message_id == "1@usher.example"
    assert (content.text, content.html) == ("Grüße\n", "<p>Grüße</p>\n")


def test_attachments_are_not_part_of_the_text() -> None:
    mail = EmailMessage()
    mail.set_content("see below\n")
    mail.add_attachment("not the text\n", filename="note.txt")
    mail.add_attachment(b"\x89PNG", "image", "png", disposition="inline", cid="<logo>")

    content = read_mail(bytes(mail))

    assert content.text == "see below\n"
    assert [(a.part_id, a.file_name, a.content_type, a.content_id, a.inline) for a in content.attachments] == [
        ("2", "note.txt", "text/plain", "", False),
        ("3", "", "image/png", "logo", True),
    ]
    assert content.attachments[1].content == b"\x89PNG"


def test_headers_in_plain_utf8_are_read() -> None:
    content = read_mail("To: Zoë <zoë@exämple.com>\r\nSubject: Grüße\r\n\r\n".encode())

    assert content.to == [Address("Zoë", "zoë@exämple.com")]
    assert content.subject == "Grüße"
    assert content.headers == [("To", "Zoë <zoë@exämple.com>"), ("Subject", "Grüße")]


@pytest.mark.parametrize("blank", [" ", "\r\n ", "\r\n\t "])
def test_text_of_two_encoded_words_is_read_without_a_blank_between_them(blank: str) -> None:
    words = blank.join(["=?utf-8?b?zpXOuM69zrnOus6uIM+J?=", "=?utf-8?q?=CE=B2_?=", "=?utf-8?Q?beta?="])

    content = read_mail(
        f"From: {words} <a@b.example>\r\nTo: x {words} y <c@d.example>\r\nSubject: {words}\r\n\r\n".encode()
    )

    assert content.sender == Address("Εθνική ωβ beta", "a@b.example")
    assert content.to == [Address("x Εθνική ωβ beta y", "c@d.example")]
    assert content.subject == "Εθνική ωβ beta"


def test_header_that_is_not_a_list_of_addresses_is_a_name() -> None:
    newline_in_a_name = read_mail(b"From: =?utf-8?q?a=0Ab?= <a@example.com>\r\n\r\n")

    assert newline_in_a_name.sender == Address("=?utf-8?q?a=0Ab?= <a@example.com>", "")


def test_absurdly_long_header_is_cut_in_the_content_only() -> None:
    content = read_mail(b"To: " + b'"' * 1_000_000 + b"\r\n\r\n")

    assert content.to == [Address('"' * 5_000, "")]
    assert content.headers == [("To", '"' * 1_000_000)]


@pytest.mark.parametrize("charset", ["no-such-charset", "hex", "x\0y"])
def test_text_in_an_unknown_charset_is_read_as_utf8(charset: str) -> None:
    content = read_mail(f"Content-Type: text/plain; charset={charset}\r\n\r\nGrüße".encode())

    assert content.text == "Grüße"


def test_mail_nested_beyond_reading_keeps_its_headers() -> None:
    level = "Content-Type: multipart/mixed; boundary={0}\r\n\r\n--{0}\r\n"

    content = read_mail(b"Subject: deep\r\n" + "".join(level.format(n) for n in range(2_000)).encode())

    assert content.subject == "deep"
    assert "boundary=1999" in content.text


def test_multipart_without_its_boundary_is_text() -> None:
    content = read_mail(b"Content-Type: multipart/mixed\r\n\r\nhello")

    assert content.text == "hello"


_HEADER_NAMES = ["From", "To", "Date", "Message-ID", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]
_HEADER_PIECES = [
    *'<>@"()[]:;,\\\0= a*',
    *(
        "\xff",
        "é",
        "\r\n ",
        "a@b.c",
        "=?utf-8?q?a=0Ab?=",
        "=?unicode-escape?q?=5Cud800?=",
        "=?x?b?z?=",
        "=?utf-8?b?!?=",
    ),
    *("multipart/mixed", "text/plain", "message/rfc822", "boundary=B", "boundary*0*=B", "charset*=utf-8'x'%00"),
    *(
        "filename*0*=a'b'%ff",
        "attachment",
        "base64",
        "uuencode",
        "Tue, 1 Jan 0000 99:99 +9999",
        "Tue, 1 Jan 2024 -0000",
    ),
]
_BODY_PIECES = [
    "--B\r\n",
    "--B--",
    "\r\n",
    "begin 644 x\r\n#",
    "===",
    "\xff",
    "Content-Type: multipart/mixed; boundary=B\r\n",
]
_headers = st.tuples(st.sampled_from(_HEADER_NAMES), st.lists(st.sampled_from(_HEADER_PIECES), max_size=8).map("".join))


@given(st.lists(_headers, max_size=8), st.lists(st.sampled_from(_BODY_PIECES), max_size=10).map("".join))
@settings(deadline=None, database=None, max_examples=150)
def test_no_malformed_mail_makes_reading_fail(headers: list[tuple[str, str]], body: str) -> None:
    raw = "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n" + body
    mail = ReceivedMail("a@example.com", ["b@example.com"], raw.encode("latin-1"))

    answers = [
        mailpit.message(mail),
        mailpit.headers(mail),
        mailpit.messages_summary([mail], start=0, found=[], held=[]),
    ]

    assert json.dumps(answers)  # which takes the surrogates that a charset can smuggle in
