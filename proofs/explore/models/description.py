"""What is stored, in a few words: the last column of a trace."""

from collections.abc import Iterator

from proofs.explore.world import NOTHING_YET, World
from shared.contract.documents import DELIVERIES, MALFORMED_EVENTS, OUTBOX, SIGN_UP_REQUESTS, USERS


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
    if requests := [record for _, record in stored.all_in(SIGN_UP_REQUESTS)]:
        yield f"counted {sum(record['mails'] for record in requests)}"
    yield f"mails {len(stored.mails)}"
    if days := (stored.now - NOTHING_YET.now).days:
        yield f"days {days}"
