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

_EXPIRES_SECONDS = 2  # a server that was restarted has forgotten who asked
_SILENCE_SECONDS = 3
_CLOSE_SECONDS = 1
_NOTHING_NOW = {str(HTTPStatus.NOT_FOUND.value), str(HTTPStatus.REQUEST_TIMEOUT.value)}
_REQUEST = json.dumps({"batch": 1, "expires": _EXPIRES_SECONDS * 10**9}).encode()


class NotServedError(Error):
    """The server has no such consumer now, or does not respond."""


class Slot:
    """
    Room for one event.

    What comes while nobody waits for it, because a request or its end was late, goes back at once: in a queue here its
    acknowledgement wait would run.
    """

    def __init__(self, client: Client, *, stream: str, consumer: str) -> None:
        self._client = client
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._answer: Future[Msg] | None = None

    async def next(self) -> Msg | None:
        """
        The next event, or None where there is none for now.

        Raises:
            nats.errors.Error: The server has no such consumer now, or does not respond.
        """
        if not self._client.is_connected:  # requests would be kept, and all be sent once it is
            raise ConnectionReconnectingError
        if not self._subscription:
            self._subscription = await self._client.subscribe(self._inbox, cb=self._receive)
        answer = self._answer = asyncio.get_running_loop().create_future()
        await self._client.publish(self._next, _REQUEST, reply=self._inbox)
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                received: Msg = await answer
        except TimeoutError as error:
            await self._give_back(answer)
            raise NotServedError from error
        except asyncio.CancelledError:
            await self._give_back(answer)
            raise
        if received.reply:  # a message; its headers may say anything
            return received
        if (received.headers or {}).get("Status") in _NOTHING_NOW:
            return None
        raise NotServedError

    async def close(self) -> None:
        """Ask for nothing more. What is under way goes back."""
        with suppress(Error, OSError):
            if self._subscription:
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._subscription.drain()  # type: ignore[no-untyped-call]  # the library's gap

    async def _receive(self, message: Msg) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(message)
        elif message.reply:
            await message.nak()

    async def _give_back(self, answer: Future[Msg]) -> None:
        """What came in the very moment in which nobody waited for it any more."""
        if answer.done() and not answer.cancelled() and answer.result().reply:
            await answer.result().nak()
