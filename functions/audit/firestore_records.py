"""What an audit reads in Firestore: the fields that it needs, page by page, and never a password's hash."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, cast

from google.api_core.exceptions import GoogleAPIError
from google.cloud.firestore import Client, DocumentSnapshot, Query
from google.cloud.firestore_v1.base_query import FieldFilter

from shared.contract.delivery_state import FINISHED, DeliveryState
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    MALFORMED_EVENTS,
    OUTBOX,
    USERS,
    delivery_id,
    parts_of_delivery_id,
)
from shared.firestore.calls import call
from shared.users.address_key import reservation_id

from .records import (
    Deliveries,
    DeliveryRecord,
    NoSuchUserError,
    RecordsUnavailableError,
    Reservation,
    StoredUser,
)
from .report import Pile

_Snapshot = DocumentSnapshot[Any]
_PAGE = 100
_SAMPLE = 1000  # of a pile: the oldest of these
_OF_A_USER = ("email", "event_id", "created_at")
_OF_A_DELIVERY = ("state", "takeovers", "unknown_outcomes")


class FirestoreRecords:
    """Ages are counted to the read from when a document was created, or a delivery last written: Firestore's clock."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def users(self, created_from: datetime, created_to: datetime, *, after: str) -> Iterator[Sequence[StoredUser]]:
        window = (
            self._client.collection(USERS)
            .where(filter=FieldFilter("created_at", ">=", created_from))
            .where(filter=FieldFilter("created_at", "<=", created_to))
            .order_by("created_at")
            .select(_OF_A_USER)
        )
        if after:
            [last] = self._get(USERS, [after], ["created_at"])
            if not last.exists:
                raise NoSuchUserError
            window = window.start_after(last)
        return (list(map(_user, page)) for page in self._pages(window))

    def stored(self, user_ids: Collection[str]) -> Sequence[StoredUser]:
        return [_user(found) for found in self._get(USERS, user_ids, _OF_A_USER) if found.exists]

    def reserved(self, users: Sequence[StoredUser]) -> Collection[str]:
        wanted = {reservation_id(user.address): user.user_id for user in users}
        return {found.user_id for found in self.reservations_with(wanted) if wanted[found.id] == found.user_id}

    def reservations(self, first: str) -> Iterator[Sequence[Reservation]]:
        collection = self._client.collection(EMAIL_RESERVATIONS)
        in_order = collection.order_by("__name__")
        if first:
            in_order = in_order.start_at({"__name__": collection.document(first)})
        return (list(map(_reservation, page)) for page in self._pages(in_order))

    def reservations_with(self, ids: Collection[str]) -> Sequence[Reservation]:
        return [_reservation(found) for found in self._get(EMAIL_RESERVATIONS, ids, ["user_id"]) if found.exists]

    def deliveries(self, subscribers: Collection[str], event_ids: Collection[str]) -> Deliveries:
        ids = [delivery_id(subscriber, event_id) for event_id in event_ids for subscriber in subscribers]
        found = self._get(DELIVERIES, ids, _OF_A_DELIVERY)
        return {parts_of_delivery_id(record.id): _delivery(record) for record in found if record.exists}

    def in_outbox(self, event_ids: Collection[str]) -> tuple[Collection[str], datetime | None]:
        found = self._get(OUTBOX, event_ids, [])
        looked_at = max((entry.read_time for entry in found), default=None)
        return {entry.id for entry in found if entry.exists}, looked_at

    def outbox(self) -> Pile:
        return self._pile(self._client.collection(OUTBOX).order_by("__name__"), _since_created)

    def undeliverable(self) -> Pile:
        state = FieldFilter("state", "==", DeliveryState.UNDELIVERABLE)
        return self._pile(self._client.collection(DELIVERIES).where(filter=state), _since_written)

    def malformed(self) -> Pile:
        return self._pile(self._client.collection(MALFORMED_EVENTS).order_by("__name__"), _since_created)

    def _get(self, collection: str, ids: Collection[str], fields: Iterable[str]) -> list[_Snapshot]:
        documents = [self._client.document(collection, each) for each in ids]
        with _unavailable_where_firestore_fails():
            return list(self._client.get_all(documents, fields, **call())) if documents else []

    def _pages(self, query: Query) -> Iterator[Sequence[_Snapshot]]:
        query = query.limit(_PAGE)
        with _unavailable_where_firestore_fails():
            page = query.get(**call())
        while page:
            yield page
            with _unavailable_where_firestore_fails():
                page = query.start_after(page[-1]).get(**call())

    def _pile(self, query: Query, age: Callable[[_Snapshot], timedelta]) -> Pile:
        with _unavailable_where_firestore_fails():
            counted: Any = query.count().get(**call())  # type: ignore[call-arg]  # the library names the class itself
            sample = query.select([]).limit(_SAMPLE).get(**call())
        oldest = max(map(age, sample), default=timedelta())
        return Pile(int(counted[0][0].value), oldest.total_seconds())


@contextmanager
def _unavailable_where_firestore_fails() -> Iterator[None]:
    try:
        yield
    except GoogleAPIError as error:
        raise RecordsUnavailableError from error


def _since_created(found: _Snapshot) -> timedelta:
    return cast("timedelta", found.read_time - found.create_time)


def _since_written(found: _Snapshot) -> timedelta:
    return cast("timedelta", found.read_time - found.update_time)


def _user(found: _Snapshot) -> StoredUser:
    fields = found.to_dict() or {}
    event_id, address = fields.get("event_id"), fields.get("email")
    return StoredUser(
        user_id=found.id,
        event_id=_as_id(event_id),
        address=address if isinstance(address, str) else "",
        age_seconds=_since_created(found).total_seconds(),
    )


def _reservation(found: _Snapshot) -> Reservation:
    return Reservation(found.id, _as_id((found.to_dict() or {}).get("user_id")))


def _delivery(found: _Snapshot) -> DeliveryRecord:
    fields = found.to_dict() or {}
    return DeliveryRecord(
        is_finished=fields.get("state") in FINISHED,
        age_seconds=_since_written(found).total_seconds(),
        possible_duplicates=fields.get("takeovers", 0) + fields.get("unknown_outcomes", 0),
    )


def _as_id(value: object) -> str:
    """A document's id; empty where it cannot be one."""
    return value if isinstance(value, str) and "/" not in value else ""
