"""Looks at the dead letters in their stream without taking them."""

from contextlib import suppress

from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from emulator.broker import MOST_DEAD_LETTERS, PUBLISHED_AT, DeadLetters
from shared.broker.nats_message import message_of


async def dead_letters(jetstream: JetStreamContext, *, stream: str) -> DeadLetters:
    """
    The attributes of the dead letters by their number in the stream, the oldest first.

    Raises:
        nats.errors.Error: The server does not respond.
    """
    state = (await jetstream.stream_info(stream)).state
    letters: dict[str, dict[str, str]] = {}
    number = state.first_seq
    while number <= state.last_seq and len(letters) < min(state.messages, MOST_DEAD_LETTERS):
        with suppress(NotFoundError):  # acknowledged, or about to be
            found = await jetstream.get_msg(stream, number)
            published_at = {PUBLISHED_AT: found.time.isoformat()} if found.time else {}
            letters[str(number)] = {**message_of(b"", found.headers).attributes, **published_at}
        number += 1
    return letters
