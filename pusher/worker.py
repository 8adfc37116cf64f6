"""A place at a subscriber: pushes one event after the other."""

import asyncio

from nats.errors import Error

from pusher.broker import Broker
from pusher.delivery import Subscriber
from pusher.slot import Slot
from shared.contract.log_events import LogEvent
from shared.runtime import logs

_PAUSE_SECONDS = 1


class Worker:
    """Takes its next event only when it is done with the last: so many workers, so many pushes at once."""

    def __init__(self, broker: Broker, subscriber: Subscriber, *, stream: str, consumer: str) -> None:
        self._broker = broker
        self._subscriber = subscriber
        self._stream = stream
        self._consumer = consumer
        self._slot: Slot | None = None
        self._is_stopping = False
        self._is_pushing = False

    async def run(self) -> None:
        """Go on until it is told to stop, whatever goes wrong."""
        try:
            while not self._is_stopping:
                try:
                    await self._push()
                except (Error, OSError):
                    await asyncio.sleep(_PAUSE_SECONDS)
                except Exception:  # noqa: BLE001  a bug: said, and no reason to end
                    logs.error(LogEvent.PUSHER_FAILED)
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            if self._slot:
                await self._slot.close()

    def is_idle_after_stop(self) -> bool:
        """Tell it to stop; whether it may be cancelled without cutting off a push."""
        self._is_stopping = True
        return not self._is_pushing

    async def _push(self) -> None:
        """Push what comes, for as long as it comes."""
        client = await self._broker.usable()
        if not self._slot or self._slot.client is not client:
            self._slot = Slot(client, stream=self._stream, consumer=self._consumer)
        while not self._is_stopping:
            if message := await self._slot.next():
                self._is_pushing = True
                try:
                    await self._subscriber.deliver(message, client.jetstream())
                finally:
                    self._is_pushing = False
