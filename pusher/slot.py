"""Takes one event at a time from a durable consumer."""

import asyncio
import json
from asyncio import Future
from contextlib import suppress
from http import HTTPStatus

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionReconnectingError, Error

_EXPIRES_SECONDS = 1  # a server that was restarted has forgotten who asked
_SILENCE_SECONDS = 2
_CLOSE_SECONDS = 0.5
_NOTHING_YET = {str(HTTPStatus.NOT_FOUND.value), str(HTTPStatus.REQUEST_TIMEOUT.value)}
_REQUEST = json.dumps({"batch": 1, "expires": _EXPIRES_SECONDS * 10**9}).encode()


class NotServedError(Error):
    """The server has no such consumer, or did not respond."""


class Slot:
    """
    Room for one event.

    What comes when nobody waits for it, since a request or its end was late, goes back at once: kept here, it would use
    up its acknowledgement wait.
    """

    def __init__(self, client: Client, *, stream: str, consumer: str) -> None:
        self.client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._answer: Future[Msg] | None = None

    async def next(self) -> Msg | None:
        """
        The next event, or None where there is none yet.

        Raises:
            nats.errors.Error: The server has no such consumer, or did not respond.
        """
        if not self.client.is_connected:  # the client would keep each request, and send them all later
            raise ConnectionReconnectingError
        if not self._subscription:
            self._subscription = await self.client.subscribe(self._inbox, cb=self._receive)
        answer: Future[Msg] = asyncio.get_running_loop().create_future()
        self._answer = answer
        try:
            await self.client.publish(self._next, _REQUEST, reply=self._inbox)
            await asyncio.wait([answer], timeout=_SILENCE_SECONDS)
        except asyncio.CancelledError:
            if answer.done():  # in this very moment
                await _give_back(answer.result())
            raise
        finally:
            self._answer = None
        if not answer.done():
            raise NotServedError
        message = answer.result()
        if message.reply:  # an event, whatever its headers say
            return message
        if (message.headers or {}).get("Status") in _NOTHING_YET:
            return None
        raise NotServedError

    async def close(self) -> None:
        """Ask for nothing more, and give back what is under way."""
        with suppress(Error, OSError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                if self._subscription:
                    await self._subscription.drain()  # type: ignore[no-untyped-call]  # the library's gap

    async def _receive(self, message: Msg) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(message)
        else:
            await _give_back(message)


async def _give_back(message: Msg) -> None:
    if message.reply:
        await message.nak()
