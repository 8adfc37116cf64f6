"""A connection to NATS for threads: the client knows asyncio only, so one loop thread serves the whole process."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

from nats.aio.client import Client
from nats.errors import Error
from nats.js.client import JetStreamContext

T = TypeVar("T")

_CONNECT_SECONDS = 1
_PAUSE_SECONDS = 0.1
_CLOSE_SECONDS = 1


class NatsConnection:
    """
    Connects with the first call, and again after any doubt, for as long as it takes.

    Build it in the first request: threads do not survive the server's fork after import.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._connecting: asyncio.Task[Client] | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        Thread(target=self._loop.run_forever, name="nats", daemon=True).start()

    def call(self, act: Callable[[JetStreamContext], Awaitable[T]], *, timeout_seconds: float) -> T:
        """
        Have the loop thread act, and return what it returns.

        Raises:
            TimeoutError: It took longer, connecting included. A connection that was silent is replaced.
            nats.errors.Error, OSError: As `act` or connecting raises them.
        """
        return asyncio.run_coroutine_threadsafe(self._call(act, timeout_seconds), self._loop).result()

    async def _call(self, act: Callable[[JetStreamContext], Awaitable[T]], timeout_seconds: float) -> T:
        connecting = self._usable()
        async with asyncio.timeout(timeout_seconds):
            await asyncio.wait([connecting])  # others wait for it too: it goes on when this caller gives up
            client = connecting.result()
            try:
                # A longer timeout of its own, so that a silence ends here.
                return await act(client.jetstream(timeout=2 * timeout_seconds))
            except asyncio.CancelledError:
                self._replace(connecting, after_seconds=timeout_seconds)
                raise

    def _usable(self) -> asyncio.Task[Client]:
        """The connection of now, or one under way."""
        there = self._connecting
        if there is None or (there.done() and (there.exception() or there.result().is_closed)):
            there = self._connecting = self._loop.create_task(connect(self._url, allow_reconnect=False))
        return there

    def _replace(self, silent: asyncio.Task[Client], *, after_seconds: float) -> None:
        """Use another from now on, and close this one once the calls that are under way on it have ended."""
        if self._connecting is silent:
            self._connecting = None
            retiring = self._loop.create_task(_close(silent.result(), after_seconds=after_seconds))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)


async def connect(url: str, *, allow_reconnect: bool) -> Client:
    """
    Connect to one of the servers in `url`, however long it takes: the client's own default gives up after two minutes.

    Raises:
        nats.errors.Error, OSError: A server is there and does not let us in.
    """
    client = Client()
    try:
        await client.connect(
            url.split(","),
            allow_reconnect=allow_reconnect,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_PAUSE_SECONDS,  # type: ignore[arg-type]  # a fraction works: it is slept for
            connect_timeout=_CONNECT_SECONDS,
            ping_interval=10,
            tls_handshake_first=url.startswith("tls://"),  # else a server without TLS would be sent the password
            error_cb=_say_nothing,
        )
    except (ValueError, TypeError, AttributeError) as error:  # the client's, of something that is not NATS
        raise Error from error
    finally:
        if not client.is_connected:
            await _close(client)  # it leaves its socket open, also where its caller has given up
    return client


async def _close(client: Client, *, after_seconds: float = 0) -> None:
    await asyncio.sleep(after_seconds)
    with suppress(Error, OSError):  # TimeoutError among them: a silent server takes no more bytes
        async with asyncio.timeout(_CLOSE_SECONDS):
            await client.close()


async def _say_nothing(_: Exception) -> None:
    """Callers get the exception. The client's default prints addresses."""
