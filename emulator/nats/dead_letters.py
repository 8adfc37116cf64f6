"""Looks at the dead letters in their stream without taking them."""

from contextlib import suppress

from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from emulator.broker import MOST_DEAD_LETTERS, PUBLISHED_AT, DeadLetters
from shared.broker.nats_message import message_of


async def dead_letters(jetstream: JetStreamContext, *, stream: str, subject: str) -> DeadLetters:
    """
    The attributes of the dead letters by their number in the stream, the oldest first.

    Raises:
        nats.errors.Error: The server does not respond.
    """
    letters: dict[str, dict[str, str]] = {}
    number = 0
    with suppress(NotFoundError):  # that was the last, or there is no stream yet
        while len(letters) < MOST_DEAD_LETTERS:
            found = await jetstream.get_msg(stream, number + 1, subject, next=True)
            number = found.seq or 0
            published_at = {PUBLISHED_AT: found.time.isoformat()} if found.time else {}
            letters[str(number)] = {**message_of(b"", found.headers).attributes, **published_at}
    return letters
