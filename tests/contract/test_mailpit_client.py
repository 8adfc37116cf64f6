"""Mailpit's npm client against the local inbox."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.rest import inbox_routes
from emulator.processes.status import StackStatus
from emulator.ui.app import create_app
from emulator.ui.server import serve
from testkit.free_ports import free_port
from testkit.polling import eventually, is_serving

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not (ROOT / "tests" / "node_modules" / "mailpit-api").exists(),
    reason="Mailpit's client comes from npm: run `make contract`",
)

RAW = (
    b"From: Usher <welcome@usher.example>\r\nTo: Ewan <ewan@example.com>\r\nSubject: Welcome\r\n"
    b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nHello Ewan\r\n"
    b"--B\r\nContent-Type: text/html\r\n\r\n<p>Hello Ewan</p>\r\n"
    b"--B\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\na,b\r\n--B--\r\n"
)
MISSING: dict[str, list[Any]] = {
    "getInfo": [],
    "getConfiguration": [],
    "getAttachmentThumbnail": ["latest", "3"],
    "releaseMessage": ["latest", {"To": ["zoe@example.com"]}],
    "sendMessage": [{"From": {"Email": "usher@example.com"}}],
    "htmlCheck": [],
    "linkCheck": [],
    "spamAssassinCheck": [],
    "getTags": [],
    "setTags": [{"IDs": ["latest"], "Tags": ["a"]}],
    "renameTag": ["a", "b"],
    "deleteTag": ["a"],
    "getChaosTriggers": [],
    "setChaosTriggers": [{}],
}


class Inbox:
    """A mailbox behind the local UI, and the client, run by Node.js."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/"
        self.methods: set[str] = set()
        self._over = Event()

    async def serve(self) -> None:
        app = create_app(lambda: StackStatus({}), inbox_routes(self.mailbox), create_user_url=self.url)
        async with serve(app, host="127.0.0.1", port=self._port):
            await asyncio.to_thread(self._over.wait)

    def stop(self) -> None:
        self._over.set()

    def call(self, *calls: list[Any]) -> list[dict[str, Any]]:
        """What came of each call: its `value` or its `error`."""
        command = ["node", "tests/contract/call_mailpit.mjs", self.url]
        answer = subprocess.run(command, cwd=ROOT, input=json.dumps(calls), capture_output=True, text=True, check=True)
        printed = json.loads(answer.stdout)
        self.methods = set(printed["methods"]) - {"constructor", "request"}
        outcomes: list[dict[str, Any]] = printed["outcomes"]
        return outcomes


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    thread = Thread(target=asyncio.run, args=(inbox.serve(),))
    thread.start()
    try:
        assert eventually(lambda: is_serving(inbox.url))
        yield inbox
    finally:
        inbox.stop()
        thread.join()


def test_client_reads_changes_and_deletes_mails(inbox: Inbox) -> None:
    ewans = ReceivedMail("", ["ewan@example.com"], RAW)
    zoes, other = (ReceivedMail("", [], f"To: {name}@example.com\r\n\r\n".encode()) for name in ("zoe", "other"))
    for mail in (ewans, zoes, other):
        inbox.mailbox.add(mail)
    one = {"query": "to:ewan@example.com"}
    calls: dict[str, tuple[list[Any], Callable[[Any], bool]]] = {
        "listMessages": ([0, 2], lambda value: [each["ID"] for each in value["messages"]] == [other.id, zoes.id]),
        "searchMessages": ([one | {"tz": "Europe/Berlin"}], lambda value: value["messages"][0]["ID"] == ewans.id),
        "waitForMessage": ([one], lambda value: value["ID"] == ewans.id),
        "waitForMessages": ([one | {"count": 1, "exact": True}], lambda value: value["messages_count"] == 1),
        "getMessageSummary": ([], lambda value: value["ID"] == other.id),
        "getMessageHeaders": ([ewans.id], lambda value: value["Subject"] == ["Welcome"]),
        "getMessageSource": ([ewans.id], lambda value: value == RAW.decode()),
        "getMessageAttachment": ([ewans.id, "3"], lambda value: value == "a,b"),
        "renderMessageHTML": ([ewans.id], lambda value: value == "<p>Hello Ewan</p>"),
        "renderMessageText": ([ewans.id], lambda value: value == "Hello Ewan"),
        "setReadStatus": ([{"Read": True, "Search": "to:zoe"}], lambda value: value == "ok"),
        "deleteMessagesBySearch": ([one], lambda value: value == "ok"),
        "deleteMessages": ([{"IDs": [other.id]}], lambda value: value == "ok"),
    }

    outcomes = inbox.call(*([method, *arguments] for method, (arguments, _) in calls.items()))

    assert [each.get("error") for each in outcomes] == [None] * len(calls)
    for (method, (_, is_right)), outcome in zip(calls.items(), outcomes, strict=True):
        assert is_right(outcome["value"]), method
    assert inbox.mailbox.newest_first() == [zoes]
    assert zoes.read
    assert inbox.methods == calls.keys() | MISSING.keys()


def test_every_other_call_of_the_client_is_named_as_missing(inbox: Inbox) -> None:
    inbox.mailbox.add(ReceivedMail("", [], RAW))

    outcomes = inbox.call(["renderMessageHTML", "latest", 1], *([method, *args] for method, args in MISSING.items()))

    for outcome in outcomes:
        assert "501 Not Implemented" in outcome["error"]
        assert "This inbox does not implement " in outcome["error"]
    assert len(inbox.mailbox.newest_first()) == 1
