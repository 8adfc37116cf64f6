"""Google's Pub/Sub clients as Usher uses them, over calls that the exploration answers."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from proofs.explore.firestore_store import Frozen, frozen
from proofs.explore.replay import Call, ask
from shared.events.message import Message


class Copy(NamedTuple):
    """A copy of a message, on the topic or among the dead letters. `number` tells it from others of its event."""

    data: bytes
    attributes: Frozen
    number: int = 0

    @property
    def event_id(self) -> str:
        return str(dict(self.attributes).get("ce-id", ""))


class PublisherClient:
    """google.pubsub_v1.PublisherClient."""

    def publish(self, request: Mapping[str, Any], *, retry: object, **_: object) -> None:
        (message,) = request["messages"]
        copy = Copy(message["data"], frozen(message["attributes"]))
        ask(Call("publish", ("publish", copy), changes=True, repeated=retry is not None))


class Topic:
    """A PubsubTopic."""

    def publish(self, message: Message, **_: object) -> None:
        copy = Copy(message.data, frozen(message.attributes))
        ask(Call("publish", ("publish", copy), changes=True))


class SubscriberClient:
    """
    google.pubsub_v1.SubscriberClient, of the dead letters.

    Holding one is nothing: two may pull it at once. Its id is also what acknowledges it.
    """

    def pull(self, _request: object, **_: object) -> SimpleNamespace:
        letters: tuple[Copy, ...] = ask(Call("pull dead letters", ("pull",)))
        return SimpleNamespace(
            received_messages=[
                SimpleNamespace(
                    ack_id=letter,
                    message=SimpleNamespace(
                        message_id=str(number), data=letter.data, attributes=dict(letter.attributes)
                    ),
                )
                for number, letter in enumerate(letters)
            ]
        )

    def modify_ack_deadline(self, _request: object, **_: object) -> None:
        pass

    def acknowledge(self, request: Mapping[str, Any], **_: object) -> None:
        letters = tuple(request["ack_ids"])
        ask(Call("acknowledge dead letters", ("acknowledge letters", *letters), changes=True, repeated=True))
