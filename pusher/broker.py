"""The connection to NATS, and what must be there for events to flow."""

import asyncio
from asyncio import Task
from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.errors import ConnectionClosedError, Error
from nats.js.client import JetStreamContext

from shared.broker.nats_connection import connect
from shared.contract.log_events import LogEvent
from shared.runtime import logs

_CONNECT_SECONDS = 2
_PAUSE_SECONDS = 1


class Broker:
    """The server at `url`. `create` makes its streams and consumers where they are missing."""

    def __init__(self, url: str, create: Callable[[JetStreamContext], Awaitable[None]]) -> None:
        self._url = url
        self._create = create
        self._client: Client | None = None
        self._repairing: Task[Client] | None = None

    async def usable(self) -> Client:
        """
        A client, once the server has all that is needed. However many wait for it, one tries, and says so once.

        The client connects again by itself, until the server has closed its connection for good.
        """
        if not self._repairing or self._repairing.done():
            self._repairing = asyncio.create_task(self._repair())
        return await asyncio.shield(self._repairing)

    async def close(self) -> None:
        if self._repairing:
            self._repairing.cancel()
        if self._client:
            await self._client.close()

    async def _repair(self) -> Client:
        is_down = False
        while True:
            try:
                client = await self._connected()
                await self._create(client.jetstream(timeout=_CONNECT_SECONDS))
            except (Error, OSError) as error:
                if not is_down:
                    logs.warning(LogEvent.BROKER_UNAVAILABLE, reason=type(error).__name__)
                is_down = True
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                if is_down:
                    logs.info(LogEvent.BROKER_AVAILABLE)
                return client

    async def _connected(self) -> Client:
        if not self._client or self._client.is_closed:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._client = await connect(self._url, allow_reconnect=True)
        if not self._client.is_connected:
            raise ConnectionClosedError
        return self._client
