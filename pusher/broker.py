"""The connection to NATS, and what must be there for events to flow."""

import asyncio
from asyncio import Task
from collections.abc import Awaitable, Callable
from contextlib import suppress

from nats.aio.client import Client
from nats.errors import ConnectionReconnectingError, Error
from nats.js.client import JetStreamContext

from shared.broker.nats_connection import connect
from shared.contract.log_events import LogEvent
from shared.runtime import logs

_TRY_SECONDS = 2
_PAUSE_SECONDS = 1
_CLOSE_SECONDS = 0.5
_PATIENCE = 10  # looks at a client that is not connected: what it would still send is lost with it


class Broker:
    """The server at `url`. `create` makes its streams and consumers where they are missing."""

    def __init__(self, url: str, create: Callable[[JetStreamContext], Awaitable[None]]) -> None:
        self._url = url
        self._create = create
        self._client: Client | None = None
        self._becoming_usable: Task[Client] | None = None
        self._is_available: bool | None = None
        self._misses = 0

    async def usable(self) -> Client:
        """
        A client, once the server has all that is needed. However many wait for it, one tries, and says so once.

        The client connects again by itself. One that does not is replaced: the server may have closed its connection
        for good, and the client gives up in silence on a response that it cannot read.
        """
        if not self._becoming_usable or self._becoming_usable.done():
            self._becoming_usable = asyncio.create_task(self._become_usable())
        return await asyncio.shield(self._becoming_usable)

    async def close(self) -> None:
        if self._becoming_usable:
            self._becoming_usable.cancel()
        await self._disconnect()

    async def _disconnect(self) -> None:
        with suppress(Error, OSError):
            async with asyncio.timeout(_CLOSE_SECONDS):  # a silent server takes no more bytes
                if self._client:
                    await self._client.close()

    async def _become_usable(self) -> Client:
        while True:
            try:
                client = await self._connected()
                await self._create(client.jetstream(timeout=_TRY_SECONDS))
            except (Error, OSError) as error:
                if self._is_available is not False:
                    logs.warning(LogEvent.BROKER_UNAVAILABLE, reason=type(error).__name__)
                self._is_available = False
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                if not self._is_available:
                    logs.info(LogEvent.BROKER_AVAILABLE)
                self._is_available = True
                return client

    async def _connected(self) -> Client:
        if not self._client or self._client.is_closed:
            async with asyncio.timeout(_TRY_SECONDS):
                self._client = await connect(self._url, allow_reconnect=True)
            self._misses = 0
        if not self._client.is_connected:
            self._misses += 1
            if self._misses == _PATIENCE:
                await self._disconnect()
            raise ConnectionReconnectingError
        self._misses = 0
        return self._client
