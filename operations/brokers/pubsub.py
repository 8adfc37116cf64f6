"""Pub/Sub as operations use it."""

from collections.abc import Collection, Sequence

from google.api_core.exceptions import DeadlineExceeded, InvalidArgument
from google.pubsub_v1 import PublisherClient, SubscriberClient

from blueprint.topology import EventTopics
from operations.broker import HELD_SECONDS, PAGE, DeadLetter
from operations.redrive.documents import CALL
from shared.events.message import Message

_WAIT_SECONDS = 3.0  # for a message; then the subscription counts as empty


class PubsubBroker:
    """What is published on the topic; dead letters wait in a subscription."""

    def __init__(
        self, publisher: PublisherClient, subscriber: SubscriberClient, *, project: str, topics: EventTopics
    ) -> None:
        self._publisher = publisher
        self._subscriber = subscriber
        self._topic = f"projects/{project}/topics/{topics.topic}"
        self._dead_letters = f"projects/{project}/subscriptions/{topics.dead_letter_subscription}"

    def publish(self, message: Message) -> str:
        content = {"data": message.data, "attributes": message.attributes}
        try:
            self._publisher.publish({"topic": self._topic, "messages": [content]}, **CALL)
        except InvalidArgument:
            return "Pub/Sub rejects it"
        return ""

    def pull(self) -> Sequence[DeadLetter]:
        request = {"subscription": self._dead_letters, "max_messages": PAGE}
        try:
            received = self._subscriber.pull(request, retry=None, timeout=_WAIT_SECONDS).received_messages
        except DeadlineExceeded:
            return []
        letters = [
            DeadLetter(each.message.message_id, Message(each.message.data, dict(each.message.attributes)), each.ack_id)
            for each in received
        ]
        self._hold(letters, seconds=HELD_SECONDS)
        return letters

    def acknowledge(self, letters: Collection[DeadLetter]) -> None:
        request = {"subscription": self._dead_letters, "ack_ids": [letter.receipt for letter in letters]}
        self._subscriber.acknowledge(request, **CALL)

    def release(self, letters: Collection[DeadLetter]) -> None:
        self._hold(letters, seconds=0)

    def _hold(self, letters: Collection[DeadLetter], *, seconds: int) -> None:
        ack_ids = [letter.receipt for letter in letters]
        for start in range(0, len(ack_ids), PAGE):
            request = {
                "subscription": self._dead_letters,
                "ack_ids": ack_ids[start : start + PAGE],
                "ack_deadline_seconds": seconds,
            }
            self._subscriber.modify_ack_deadline(request, **CALL)
