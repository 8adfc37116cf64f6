import pytest

from emulator.inbox.mime import read_mail
from emulator.inbox.search import matches

MAIL = read_mail(
    b"From: Usher <welcome@usher.example>\r\nTo: Ewan <ewan@example.com>\r\nSubject: Welcome to Usher\r\n"
    b"Message-ID: <E1@usher.example>\r\n\r\nHello Ewan, glad that you are here."
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
    ],
)
def test_query_finds_the_mail(query: str) -> None:
    assert matches(query, MAIL)


@pytest.mark.parametrize(
    "query",
    ["to:welcome@usher.example", "from:ewan", "subject:glad", "message-id:e2", "absent", "to:ewan absent", "from"],
)
def test_query_passes_over_the_mail(query: str) -> None:
    assert not matches(query, MAIL)
