"""What went wrong or waits, with the reason in words."""

from collections.abc import Awaitable, Callable, Mapping

from emulator.google.documents import Documents, Fields
from emulator.journeys.reasons import in_words

_MOST = 50
_STATES = ("sending", "released", "sent", "undeliverable")


async def overview(
    documents: Documents, dead_letters: Callable[[], Awaitable[Mapping[str, Mapping[str, str]] | None]]
) -> dict[str, object]:
    """
    Counts, and of what waits or was given up the first fifty. Where nobody knows of dead letters, their count is None.

    Raises:
        httpx.HTTPError: Firestore does not answer.
    """
    outbox = await documents.find("outbox", limit=_MOST)
    waiting = await documents.find("deliveries", state="released", limit=_MOST)
    refused = await documents.find("deliveries", state="undeliverable", limit=_MOST)
    malformed = await documents.find("malformed_events", limit=_MOST)
    letters = await dead_letters()
    return {
        "counts": {
            "outbox": await documents.count("outbox"),
            "malformed": await documents.count("malformed_events"),
            "dead_letters": None if letters is None else len(letters),
            **{state: await documents.count("deliveries", state=state) for state in _STATES},
        },
        "outbox": [
            {"id": _name(path), "user_id": entry.get("user_id"), "since": entry.get("occurred_at")}
            for path, entry in outbox.items()
        ],
        "released": [_delivery(path, record) for path, record in waiting.items()],
        "undeliverable": [_delivery(path, record) for path, record in refused.items()],
        "malformed": [
            {"id": _name(path), "subscriber": record.get("subscriber"), "reason": record.get("reason")}
            for path, record in malformed.items()
        ],
        "dead_letters": [
            {
                "id": attributes.get("ce-id") or message_id,
                "user_id": attributes.get("ce-subject", ""),
                "reason": f"given up after {attempts} attempts" if (attempts := _attempts(attributes)) else "given up",
            }
            for message_id, attributes in (letters or {}).items()
        ],
    }


def _delivery(path: str, record: Fields) -> Fields:
    subscriber, _, event_id = _name(path).partition(".")
    return {
        "id": _name(path),
        "subscriber": subscriber,
        "event_id": event_id,
        "reason": in_words(str(record.get("last_error", ""))),
        "attempts": record.get("attempts"),
    }


def _attempts(attributes: Mapping[str, str]) -> str:
    return attributes.get("CloudPubSubDeadLetterSourceDeliveryCount", "")


def _name(path: str) -> str:
    return path.rpartition("/")[2]
