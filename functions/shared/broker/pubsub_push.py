"""Reads what Pub/Sub pushes."""

import json

import msgspec

from shared.events.message import Message


class _PubsubMessage(msgspec.Struct):
    data: bytes = b""
    attributes: dict[str, str] = {}


class _Push(msgspec.Struct):
    message: _PubsubMessage


def read_push(push: object) -> Message:
    """
    Return the message of a push: of a CloudEvent's data, or of the body of a request.

    Anything else becomes the data of a message without attributes, which is not an event and is recorded as it came.
    """
    try:
        message = msgspec.convert(msgspec.json.decode(push) if isinstance(push, bytes) else push, _Push).message
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # lone surrogates: JSON has them, UTF-8 does not
        return Message(push if isinstance(push, bytes) else json.dumps(push, default=repr).encode(), {})
    return Message(message.data, message.attributes)
