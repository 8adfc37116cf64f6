"""What went wrong or is waiting, with the reason in words."""

import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress

from emulator.google.documents import CREATED, Documents, Fields
from emulator.journeys.reasons import in_words
from operations.redrive.selection import is_uuid
from shared.contract.delivery_state import DeliveryState
from shared.contract.documents import DELIVERIES, MALFORMED_EVENTS, OUTBOX, USERS, delivery_id, parts_of_delivery_id
from shared.contract.outbox_entry import USER_ID

_MOST = 50
_ADDED = "CloudPubSubDeadLetterSource"


async def overview(
    documents: Documents,
    dead_letters: Callable[[], Awaitable[Mapping[str, Mapping[str, str]] | None]],
    *,
    subscribers: Mapping[str, str],
) -> dict[str, object]:
    """
    Counts, and of what waits or was given up the first fifty, each with the name and the address of its user.

    Where nobody knows of dead letters, their count is None.

    `subscribers` are functions by their subscription.

    Raises:
        httpx.HTTPError: Firestore does not answer.
    """
    outbox = await documents.find(OUTBOX, limit=_MOST)
    released = await documents.find(DELIVERIES, state=DeliveryState.RELEASED, limit=_MOST)
    refused = await documents.find(DELIVERIES, state=DeliveryState.UNDELIVERABLE, limit=_MOST)
    malformed = await documents.find(MALFORMED_EVENTS, limit=_MOST)
    letters = await dead_letters()
    lists: dict[str, list[Fields]] = {
        OUTBOX: [
            {"id": _name(path), "user_id": entry.get(USER_ID), "email": entry.get("email"), "since": entry[CREATED]}
            for path, entry in outbox.items()
        ],
        DeliveryState.RELEASED: [_delivery(path, record) for path, record in released.items()],
        DeliveryState.UNDELIVERABLE: [_delivery(path, record) for path, record in refused.items()],
        "malformed": [_malformed(path, record) for path, record in malformed.items()],
        "dead_letters": await _dead_letters(documents, letters or {}, subscribers),
    }
    await _add_users([entry for entries in lists.values() for entry in entries], documents)
    return {
        "counts": {
            OUTBOX: await documents.count(OUTBOX),
            "malformed": await documents.count(MALFORMED_EVENTS),
            "dead_letters": None if letters is None else len(letters),
            **{str(state): await documents.count(DELIVERIES, state=state) for state in DeliveryState},
        },
        **lists,
    }


async def _add_users(entries: Collection[Fields], documents: Documents) -> None:
    paths = {f"{USERS}/{user_id}" for entry in entries if is_uuid(user_id := str(entry["user_id"]))}
    users = await documents.get(paths, fields=("name", "email")) if paths else {}
    for entry in entries:
        user = users.get(f"{USERS}/{entry['user_id']}", {})
        entry |= {"name": user.get("name", ""), "email": user.get("email") or entry.get("email") or ""}


async def _dead_letters(
    documents: Documents, letters: Mapping[str, Mapping[str, str]], subscribers: Mapping[str, str]
) -> list[Fields]:
    paths: dict[str, str] = {}
    for message_id, attributes in letters.items():
        subscriber = subscribers.get(attributes.get(f"{_ADDED}Subscription", ""), "")
        event_id = attributes.get("ce-id", "")
        paths[message_id] = f"{DELIVERIES}/{delivery_id(subscriber, event_id if is_uuid(event_id) else message_id)}"
    records = await documents.get(list(paths.values()), fields=["last_error"]) if paths else {}
    return [_dead_letter(letters[message_id], path, records.get(path, {})) for message_id, path in paths.items()]


def _dead_letter(attributes: Mapping[str, str], path: str, record: Fields) -> Fields:
    delivery = _delivery(path, record)
    attempts = attributes.get(f"{_ADDED}DeliveryCount")
    given_up = f"given up after {attempts} attempts" if attempts else "given up"
    return {
        "id": delivery["event_id"],  # as a redrive takes it
        "user_id": attributes.get("ce-subject", ""),
        "subscriber": delivery["subscriber"],
        "reason": f"{given_up}: {delivery['reason']}" if delivery["reason"] else given_up,
    }


def _delivery(path: str, record: Fields) -> Fields:
    subscriber, event_id = parts_of_delivery_id(_name(path))
    return {
        "id": _name(path),
        "subscriber": subscriber,
        "event_id": event_id,
        "reason": in_words(str(record.get("last_error", ""))),
        "user_id": record.get("user_id", ""),
        "attempts": record.get("attempts"),
    }


def _malformed(path: str, record: Fields) -> Fields:
    attributes: dict[str, object] = {}
    with suppress(ValueError):  # they may be truncated
        attributes = json.loads(str(record.get("attributes")))
    return {
        "id": _name(path),
        "subscriber": record.get("subscriber"),
        "user_id": attributes.get("ce-subject", ""),
        "reason": record.get("reason"),
    }


def _name(path: str) -> str:
    return path.rpartition("/")[2]
