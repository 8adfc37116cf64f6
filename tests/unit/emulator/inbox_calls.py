"""A mailbox, and calls of its API."""

import asyncio

import httpx
from starlette.applications import Starlette

from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.rest import inbox_routes

RAW = (
    b"From: Usher <welcome@usher.example>\r\nTo: Ewan <ewan@example.com>\r\nSubject: Welcome\r\n"
    b"Message-Id: <e1@usher.example>\r\nX-A: 1\r\nx-a: 2\r\n\r\nHello  Ewan\r\n"
)


def mail(raw: bytes = RAW) -> ReceivedMail:
    return ReceivedMail("bounces@usher.example", ["ewan@example.com", "audit@example.com"], raw)


def mailbox_with(*mails: ReceivedMail) -> Mailbox:
    mailbox = Mailbox()
    for each in mails:
        mailbox.add(each)
    return mailbox


def call(mailbox: Mailbox, path: str, *, method: str = "GET", body: bytes = b"") -> httpx.Response:
    async def request() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=inbox_routes(mailbox)))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path if path.startswith("/") else f"/api/v1/{path}", content=body)

    return asyncio.run(request())


def ids(answer: httpx.Response) -> list[str]:
    return [message["ID"] for message in answer.json()["messages"]]
