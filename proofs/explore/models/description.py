"""What is stored, in a few words: the last column of a trace."""

from collections.abc import Iterator

from proofs.explore.world import World
from shared.contract.documents import DELIVERIES, MALFORMED_EVENTS, OUTBOX, USERS


def described(stored: World) -> Iterator[str]:
    yield f"users {len(list(stored.all_in(USERS)))}"
    yield f"outbox {len(list(stored.all_in(OUTBOX)))}"
    yield f"topic {len(stored.topic)}"
    if stored.dead_letters:
        yield f"dead letters {len(stored.dead_letters)}"
    for _, record in stored.all_in(DELIVERIES):
        yield f"{record['state']} ({record['token']}, {record['takeovers']} + {record['unknown_outcomes']})"
    if malformed := len(list(stored.all_in(MALFORMED_EVENTS))):
        yield f"malformed {malformed}"
    yield f"mails {len(stored.mails)}"
