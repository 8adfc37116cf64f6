"""What becomes of one event: pushed and acknowledged, pushed again later, or a dead letter."""

import asyncio
import re

import httpx
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.client import JetStreamContext

from blueprint.topology import Push
from pusher.push_body import push_body
from shared.broker.nats_message import NotStoredError, UnsendableError, message_of, publish_message
from shared.broker.nats_names import stream_of, subject_of
from shared.contract.log_events import LogEvent
from shared.events.message import Message
from shared.runtime import logs

_EVENT_ID = re.compile(r"[0-9a-f-]{36}")
_OF_ACK_DEADLINE = 5 / 6  # a push leaves time to answer for it, before the server gives its event to another


class Subscriber:
    """Pushes the events of one subscription to `endpoint`, and answers for them to the server, as `policy` says."""

    def __init__(
        self,
        subscription: str,
        endpoint: str,
        *,
        project: str,
        topic: str,
        dead_letter_topic: str,
        timeout_seconds: int,
        policy: Push,
        http: httpx.AsyncClient,
    ) -> None:
        self._subscription = subscription
        self._url = f"{endpoint}projects/{project}/topics/{topic}"
        self._project = project
        self._dead_letter_topic = dead_letter_topic
        self._timeout_seconds = min(timeout_seconds, policy.ack_deadline_seconds * _OF_ACK_DEADLINE)
        self._policy = policy
        self._http = http

    async def deliver(self, received: Msg, jetstream: JetStreamContext) -> None:
        """
        Push it, then acknowledge it or see that it is pushed again.

        Raises:
            nats.errors.Error, OSError: The server has not confirmed it: the event may come again.
        """
        message = message_of(received.data, received.headers)
        attempts = received.metadata.num_delivered
        try:
            failure = await self._failure(message, received.metadata)
        except asyncio.CancelledError:  # the subscriber may still be at it: no sooner than after a failure
            await received.nak(delay=self._policy.minimum_backoff_seconds)
            raise
        event_id = message.attributes.get("ce-id", "")
        about: dict[str, logs.Field] = {
            "subscription": self._subscription,
            "message_id": received.metadata.sequence.stream,
            "event_id": event_id if _EVENT_ID.fullmatch(event_id) else None,
            "attempts": attempts,
        }
        if failure is None:
            await received.ack_sync()
            return
        logs.warning(LogEvent.PUSH_NOT_ACKNOWLEDGED, **about, reason=failure)
        if attempts < self._policy.max_delivery_attempts:
            await received.nak(delay=self._policy.backoff_seconds(attempts))
            return
        letter = self._dead_letter(message, received.metadata)
        try:
            subject = subject_of(self._project, self._dead_letter_topic)
            stream = stream_of(self._project, self._dead_letter_topic)
            await publish_message(jetstream, letter, subject=subject, stream=stream)
        except (Error, OSError, UnsendableError) as error:
            logs.error(LogEvent.DEAD_LETTER_NOT_STORED, **about, reason=type(error).__name__)
            await received.nak(delay=self._policy.maximum_backoff_seconds)
            raise NotStoredError from error
        logs.error(LogEvent.EVENT_DEAD_LETTERED, **about)
        await received.ack_sync()

    async def _failure(self, message: Message, received: Msg.Metadata) -> str | None:
        """Push, and say why it is not acknowledged. A response is read up to its status: no more of it matters."""
        body = push_body(message, received, subscription=f"projects/{self._project}/subscriptions/{self._subscription}")
        headers = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                self._http.stream("POST", self._url, content=body, headers=headers) as response,
            ):
                return None if response.is_success else str(response.status_code)
        except (httpx.HTTPError, OSError) as error:
            return type(error).__name__

    def _dead_letter(self, message: Message, received: Msg.Metadata) -> Message:
        """With the attributes that Pub/Sub adds, so that readers need not know the broker."""
        prefix = "CloudPubSubDeadLetterSource"
        added = {
            f"{prefix}Subscription": self._subscription,
            f"{prefix}SubscriptionProject": self._project,
            f"{prefix}TopicPublishTime": received.timestamp.isoformat(),
            f"{prefix}DeliveryCount": str(received.num_delivered),
        }
        return Message(message.data, {**message.attributes, **added})
