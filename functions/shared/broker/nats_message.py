"""
A message on NATS: each attribute is a header of the same name, its value percent-encoded.

As CloudEvents has it: https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/nats-protocol-binding.md
"""

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

from nats.errors import BadHeaderError, Error, MaxPayloadError
from nats.js.client import JetStreamContext
from nats.js.errors import APIError

from shared.events.message import Message

_NOT_ENCODED = "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # all that is printable, but for blanks, quotes and the percent sign
_NAME = re.compile(r"(?!nats-)[!-9;-~]+", re.IGNORECASE)  # the server obeys headers of its own
_TOO_LARGE = (10054, 10097)  # by the stream's own limit, and a header by the server's; MaxPayloadError is the client's


class UnsendableError(Exception):
    """NATS refuses this very message: it is too large, or there is no header for one of the attributes."""


class NotStoredError(Error):
    """The stream has not confirmed it."""


def headers_of(message: Message) -> dict[str, str]:
    """
    The attributes as headers.

    Raises:
        UnsendableError: One has a name that no header may have, or that means something to the server.
    """
    if not all(map(_NAME.fullmatch, message.attributes)):
        raise UnsendableError
    return {name: quote(value, safe=_NOT_ENCODED) for name, value in message.attributes.items()}


def message_of(data: bytes, headers: Mapping[str, str] | None) -> Message:
    """The message that was published, without what NATS has added."""
    attributes = {name: unquote(value) for name, value in (headers or {}).items() if _NAME.fullmatch(name)}
    return Message(data, attributes)


async def publish_message(jetstream: JetStreamContext, message: Message, *, subject: str, stream: str) -> None:
    """
    Return once `stream` has stored the message; nothing else that listens on the subject counts.

    Without a Nats-Msg-Id: the server would drop what a relay or a redrive publishes again within two minutes, and
    acknowledge it as if it were stored.

    Raises:
        UnsendableError: It was refused.
        nats.errors.Error: It may not have been stored.
    """
    try:
        stored = await jetstream.publish(subject, message.data, stream=stream, headers=headers_of(message))
    except (MaxPayloadError, BadHeaderError) as error:
        raise UnsendableError from error
    except APIError as error:
        if error.err_code in _TOO_LARGE:
            raise UnsendableError from error
        raise
    except (ValueError, TypeError) as error:  # the client's, of a reply that is not a stream's
        raise NotStoredError from error
    if stored.stream != stream:
        raise NotStoredError
