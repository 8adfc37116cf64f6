"""Deleting mails and marking them as read: a call that is not understood changes nothing."""

import json

import httpx
import pytest

from emulator.inbox.mailbox import Mailbox
from tests.unit.emulator.inbox_calls import call, mail, mailbox_with

TO_ZOE = b"To: zoe@example.com\r\n\r\n"


def change(mailbox: Mailbox, method: str, path: str, body: object = None) -> httpx.Response:
    return call(mailbox, path, method=method, body=b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize("name", ["IDs", "ids", "Ids", "iDS"])
def test_named_mails_are_deleted_in_whatever_case_the_member_is(name: str) -> None:
    kept, deleted = mail(), mail()
    mailbox = mailbox_with(kept, deleted)

    answer = change(mailbox, "DELETE", "messages", {name: [deleted.id, "no such id"]})

    assert answer.text == "ok"
    assert mailbox.newest_first() == [kept]


@pytest.mark.parametrize("body", [None, {}, {"IDs": []}])
def test_all_mails_are_deleted_where_none_is_named(body: object) -> None:
    mailbox = mailbox_with(mail(), mail())

    answer = change(mailbox, "DELETE", "messages", body)

    assert answer.text == "ok"
    assert mailbox.newest_first() == []


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"IDs": "all"}',
        b'{"IDs": [1]}',
        b'{"IDs": null}',
        b'{"ID": ["a"]}',
        b'{"IDs": [], "Query": "to:zoe"}',
        b'{"IDs": ["a"], "IDs": []}',
        b'{"IDs": ["a"], "ids": []}',
        b"{} {}",
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_body_that_is_not_understood_changes_nothing(method: str, body: bytes) -> None:
    read, unread = mail(), mail()
    read.read = True
    mailbox = mailbox_with(read, unread)

    answer = call(mailbox, "messages", method=method, body=body)

    assert answer.status_code == 400
    assert [each.read for each in mailbox.newest_first()] == [False, True]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "messages?query=to:zoe@example.com"),
        ("DELETE", "messages?id=1"),
        ("PUT", "messages?query=to:zoe@example.com"),
        ("DELETE", "search"),
        ("DELETE", "search?query="),
        ("DELETE", "search?query=to:"),
        ("DELETE", "search?query=to:ewan%20from:"),
        ("DELETE", "search?query=is:starred"),
        ("DELETE", "search?query=before:soon"),
        ("DELETE", "search?query=to:ewan&limit=1"),
        ("DELETE", "search?query=to:ewan&query=to:zoe"),
        ("DELETE", "search?query=before:2030-01-01&tz=Mars"),
    ],
)
def test_query_that_is_not_understood_changes_nothing(method: str, path: str) -> None:
    mailbox = mailbox_with(mail(), mail(TO_ZOE))

    answer = call(mailbox, path, method=method, body=b'{"Read": true}' if method == "PUT" else b"")

    assert answer.status_code == 400
    assert [each.read for each in mailbox.newest_first()] == [False, False]


def test_mails_that_a_search_finds_are_deleted() -> None:
    ewans, zoes = mail(), mail(TO_ZOE)
    mailbox = mailbox_with(ewans, zoes)

    answer = change(mailbox, "DELETE", "search?query=to:zoe&tz=Europe/Berlin")

    assert answer.text == "ok"
    assert mailbox.newest_first() == [ewans]


def test_read_state_is_set_for_those_named_found_or_all() -> None:
    ewans, zoes = mail(), mail(TO_ZOE)
    mailbox = mailbox_with(ewans, zoes)

    def states_after(body: object) -> list[bool]:
        assert change(mailbox, "PUT", "messages", body).text == "ok"
        return [ewans.read, zoes.read]

    assert states_after({"Read": True, "IDs": [ewans.id, "no such id"]}) == [True, False]
    assert states_after({"read": True, "search": "to:zoe"}) == [True, True]
    assert states_after({"Read": False, "ids": [zoes.id]}) == [True, False]
    assert states_after({}) == [False, False]
    assert states_after({"Read": True}) == [True, True]


@pytest.mark.parametrize("body", [None, {"IDs": ["a"], "Search": "to:zoe"}, {"Search": "to:"}, {"Read": "yes"}])
def test_read_state_that_is_not_understood_is_refused(body: object) -> None:
    unread = mail()

    answer = change(mailbox_with(unread), "PUT", "messages", body)

    assert answer.status_code == 400
    assert not unread.read
