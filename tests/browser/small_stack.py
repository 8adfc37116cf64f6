"""The local UI alone, without the functions and emulators behind it: as if they printed what a test tells them to."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from threading import Event, Thread
from uuid import uuid4

import httpx

from emulator.google.documents import Documents
from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.rest import inbox_routes
from emulator.journeys.journeys import Journeys
from emulator.processes.status import Part, StackStatus, State
from emulator.sms.rest import sms_routes
from emulator.sms.sms_inbox import SmsInbox
from emulator.ui.app import create_app
from emulator.ui.journey_routes import journey_routes
from emulator.ui.mail_html import mail_html_routes
from emulator.ui.people import People
from emulator.ui.server import serve
from testkit.free_ports import free_port
from testkit.polling import eventually, is_serving


class SmallStack:
    """A running UI at `url`. Firestore does not answer, so the journeys have no names."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.told: dict[str, object] = {"sign_up": {"password_min_length": 15}, "relay_seconds": 20}
        self._journeys = Journeys(("send_email",))
        self._port = free_port()
        self._over = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=asyncio.run, args=(self._serve(),))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._port}/"
        assert eventually(lambda: is_serving(self.url))

    def print_journeys(self, count: int, *, ending: str = "mail_sent") -> Sequence[str]:
        """Print the lines of journeys until one about their mail; return the users."""
        users = [str(uuid4()) for _ in range(count)]
        for user_id in users:
            ids = {"user_id": user_id, "event_id": str(uuid4())}
            times = {"latency_ms": 240, "hash_ms": 200, "store_ms": 20, "publish_ms": 10, "act_ms": 20}
            self._print("create_user", {"message": "user_registered", **ids, **times})
            self._print("send_email", {"message": ending, **ids, **times})
        return users

    def print_request(self, email: str, link: str) -> str:
        """Receive the mail with the link and print the lines of a request; return its subject."""
        ids = {"user_id": str(uuid4()), "event_id": str(uuid4())}
        mail = EmailMessage()
        mail["To"], mail["Message-ID"] = email, f"<{ids['event_id']}@usher.example>"
        mail.set_content(f'<a href="{link}">{link}</a>', subtype="html")
        self.mailbox.add(ReceivedMail("", [email], mail.as_bytes()))
        self._print("create_user", {"message": "sign_up_requested", **ids})
        self._print("send_email", {"message": "mail_sent", **ids, "act_ms": 20})
        return ids["user_id"]

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _print(self, by: str, line: object) -> None:
        assert self._loop
        self._loop.call_soon_threadsafe(self._journeys.read, by, json.dumps(line))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        part = Part("create_user", f"http://127.0.0.1:{free_port()}/", State.READY)
        async with httpx.AsyncClient(trust_env=False) as client:
            documents = Documents(client, host="127.0.0.1:1", project="usher-local")
            routes = [
                *journey_routes(self._journeys, documents, People(self._journeys, documents, self.mailbox)),
                *inbox_routes(self.mailbox),
                *mail_html_routes(self.mailbox, self._journeys.open_link),
                *sms_routes(SmsInbox()),
            ]
            app = create_app(
                lambda: StackStatus({"create_user": part}),
                routes,
                create_user_url=part.address,
                told=lambda: self.told,
            )
            async with serve(app, host="127.0.0.1", port=self._port):
                await asyncio.to_thread(self._over.wait)
                self._journeys.end()


@contextmanager
def small_stack() -> Iterator[SmallStack]:
    stack = SmallStack()
    try:
        yield stack
    finally:
        stack.stop()
