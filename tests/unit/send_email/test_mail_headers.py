"""Headers as the supported versions of Python write them, held against RFC 2047 and 5322 by a reader of its own."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from email.header import decode_header, make_header
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from quopri import decodestring

import pytest

FOLDER = Path(__file__).parents[3] / "functions" / "send_email"
TEXTS = [
    "Εθνική Βιβλιοθήκη της Ελλάδος",
    "Καλώς ήρθατε στην Εθνική Βιβλιοθήκη της Ελλάδος, στην Αθήνα",
    "国立国会図書館" * 12,
    "Zürcher  Bibliothek \N{BOOKS}" * 5,
    "é" * 300,
    "A plain name that goes on " * 8 + "and ends",
    "Usher =? & Co.",
    "Usher =?utf-8?q?=41=ff?= & =?x?b?)?= Co.",
    'Usher, "Inc." (Europe)',
    "Usher",
]
WRITE = """
import json, sys
sys.path.append(sys.argv[1])
from email.headerregistry import Address
from mail_headers import mailbox_header, text_header
written = []
for text in json.load(sys.stdin):
    for recipient in ("j\\xfcrgen=?b", "a=?b"):
        sender, to = Address(text, "welcome", "usher.example"), Address("", recipient, "example.com")
        headers = text_header("Subject", text), mailbox_header("From", sender), mailbox_header("To", to)
        written.append("".join(header + "\\r\\n" for header in headers))
json.dump(written, sys.stdout)
"""
VERSIONS = ["3.11", "3.12", "3.13"]
WORD = re.compile(r"=\?utf-8\?([bq])\?([!->@-~]+)\?=", re.IGNORECASE)


@cache
def written_by(version: str) -> list[str]:
    """Two mails for each text, the first of them for an international recipient."""
    installed = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for python in filter(None, [shutil.which(f"python{version}"), *map(str, installed)]):
        run = subprocess.run(
            [python, "-c", WRITE, FOLDER], input=json.dumps(TEXTS), capture_output=True, text=True, check=False
        )
        if run.returncode != 127:  # pyenv's stand-in for a version that is not chosen
            run.check_returncode()
            mails: list[str] = json.loads(run.stdout)
            return mails
    pytest.skip(f"There is no Python {version} here")


def header(mail: str, name: str) -> str:
    """The header as it was sent, folds included."""
    found = re.search(rf"(?ms)^{name}: (.*?)\r\n(?![ \t])", mail)
    assert found
    return found[1]


def decoded(sent: str) -> str:
    """The text of a header by the rules of RFC 2047; the test fails where the header breaks them."""
    unfolded = sent.replace("\r\n", "")
    words = [word for word in unfolded.split() if "=?" in word]
    assert all(WORD.fullmatch(word) and len(word) <= 75 for word in words)
    return WORD.sub(_text_of, re.sub(r"(?<=\?=)\s+(?==\?)", "", unfolded))


def _text_of(word: re.Match[str]) -> str:
    content = word[2].encode()
    return (b64decode(content, validate=True) if word[1] in "bB" else decodestring(content, header=True)).decode()


@pytest.mark.parametrize("version", VERSIONS)
def test_subject_and_name_decode_to_the_text_that_was_meant(version: str) -> None:
    mails = written_by(version)

    assert len(mails) == 2 * len(TEXTS)
    for text, mail in zip([text for text in TEXTS for _ in range(2)], mails, strict=True):
        name, address = parseaddr(header(mail, "From").replace("\r\n", ""))
        assert all(len(line) <= (76 if "=?utf-8" in line else 78) for line in mail.split("\r\n"))
        assert decoded(header(mail, "Subject")) == text
        assert str(make_header(decode_header(header(mail, "Subject")))) == text
        assert decoded(header(mail, "From")).endswith(" <welcome@usher.example>")
        assert (decoded(name), address) == (text, "welcome@usher.example")
        assert str(make_header(decode_header(name))) == text


@pytest.mark.parametrize("version", VERSIONS)
def test_address_is_written_as_it_is(version: str) -> None:
    recipients = [header(mail, "To") for mail in written_by(version)]

    assert set(recipients[::2]) == {"jürgen=?b@example.com"}
    assert set(recipients[1::2]) == {"a=?b@example.com"}
