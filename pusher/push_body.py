"""The body of a push, as Pub/Sub makes it."""

import msgspec
from nats.aio.msg import Msg

from shared.events.message import Message


def push_body(message: Message, received: Msg.Metadata, *, subscription: str) -> bytes:
    """
    The message as it was `received` for `subscription`, its full name: fields in both spellings.

    The id counts what a stream has stored. It tells messages apart, not events: a republished event has a new one.
    """
    message_id = str(received.sequence.stream)
    published_at = f"{received.timestamp:%Y-%m-%dT%H:%M:%S.%fZ}"
    content = {
        "data": message.data,  # in base64: so msgspec writes bytes
        "attributes": message.attributes,
        "messageId": message_id,
        "message_id": message_id,
        "publishTime": published_at,
        "publish_time": published_at,
    }
    return msgspec.json.encode({"subscription": subscription, "message": content})
