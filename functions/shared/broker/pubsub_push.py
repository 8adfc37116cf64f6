"""Reads what Pub/Sub pushes."""

import msgspec

from shared.events.message import Message


class _PubsubMessage(msgspec.Struct):
    data: bytes = b""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct):
    message: _PubsubMessage


def read_push(body: bytes) -> Message:
    """
    Return the message of a push.

    Anything else becomes the data of a message without attributes, which is not an event and is recorded as it came.
    """
    try:
        message = msgspec.json.decode(body, type=_Push).message
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # lone surrogates: JSON has them, UTF-8 does not
        return Message(body, {})
    return Message(message.data, message.attributes)
