from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from google.cloud.firestore import DELETE_FIELD, Client

from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import (
    Deliveries,
    DeliveriesUnavailableError,
    Delivery,
    DeliveryConflictError,
    Version,
)
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.event import EventId
from testkit import fakes
from testkit.builders import NOW
from testkit.database import database_of
from testkit.polling import eventually

EVENT_ID = EventId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60")
CLAIM = Delivery(state=DeliveryState.SENDING, token="mine", lease_expires_at=NOW)


@pytest.fixture(params=["fake", "firestore"])
def deliveries(request: pytest.FixtureRequest) -> Deliveries:
    if request.param == "fake":
        return fakes.Deliveries()
    return FirestoreDeliveries(database_of(request.getfixturevalue("firestore_client")), "send_email")


def winners_of(deliveries: Deliveries, *, replacing: Version | None) -> list[Delivery]:
    """Those of 20 who write at once whose write succeeds."""

    def write(delivery: Delivery) -> Delivery | None:
        try:
            deliveries.write(EVENT_ID, delivery, replacing=replacing)
        except DeliveryConflictError:
            return None
        return delivery

    with ThreadPoolExecutor(20) as pool:
        written = pool.map(write, [replace(CLAIM, token=str(number)) for number in range(20)])
        return [delivery for delivery in written if delivery]


@pytest.mark.parametrize("state", DeliveryState)
def test_record_is_read_as_it_was_written(deliveries: Deliveries, state: DeliveryState) -> None:
    delivery = replace(CLAIM, state=state, attempts=3, takeovers=1, unknown_outcomes=2, last_error="smtp_421")

    version = deliveries.write(EVENT_ID, delivery, replacing=None)

    assert deliveries.read(EVENT_ID)[:2] == (delivery, version)


def test_second_claim_conflicts_and_changes_nothing(deliveries: Deliveries) -> None:
    deliveries.write(EVENT_ID, CLAIM, replacing=None)

    with pytest.raises(DeliveryConflictError):
        deliveries.write(EVENT_ID, replace(CLAIM, token="other"), replacing=None)

    assert deliveries.read(EVENT_ID)[0] == CLAIM


def test_record_at_the_named_version_is_replaced(deliveries: Deliveries) -> None:
    first = deliveries.write(EVENT_ID, CLAIM, replacing=None)

    second = deliveries.write(EVENT_ID, replace(CLAIM, state=DeliveryState.SENT), replacing=first)

    assert deliveries.read(EVENT_ID)[:2] == (replace(CLAIM, state=DeliveryState.SENT), second)


def test_write_that_changes_nothing_leaves_the_version_as_it_was(deliveries: Deliveries) -> None:
    first = deliveries.write(EVENT_ID, CLAIM, replacing=None)

    assert deliveries.write(EVENT_ID, CLAIM, replacing=first) == first
    assert deliveries.read(EVENT_ID)[:2] == (CLAIM, first)


def test_write_of_a_late_holder_conflicts_and_changes_nothing(deliveries: Deliveries) -> None:
    of_late_holder = deliveries.write(EVENT_ID, CLAIM, replacing=None)
    deliveries.write(EVENT_ID, replace(CLAIM, token="successor"), replacing=of_late_holder)

    with pytest.raises(DeliveryConflictError):
        deliveries.write(EVENT_ID, replace(CLAIM, state=DeliveryState.SENT), replacing=of_late_holder)

    assert deliveries.read(EVENT_ID)[0] == replace(CLAIM, token="successor")


def test_one_of_many_claims_at_once_wins(deliveries: Deliveries) -> None:
    (winner,) = winners_of(deliveries, replacing=None)

    assert deliveries.read(EVENT_ID)[0] == winner


def test_one_of_many_takeovers_at_once_wins(deliveries: Deliveries) -> None:
    expired = deliveries.write(EVENT_ID, CLAIM, replacing=None)

    (winner,) = winners_of(deliveries, replacing=expired)

    assert deliveries.read(EVENT_ID)[0] == winner


def test_age_of_a_record_is_counted_on_the_stores_clock(firestore_client: Client) -> None:
    deliveries = FirestoreDeliveries(database_of(firestore_client), "send_email")
    a_day_ahead = datetime.now(UTC) + timedelta(days=1)
    deliveries.write(EVENT_ID, replace(CLAIM, lease_expires_at=a_day_ahead), replacing=None)
    *_, young = deliveries.read(EVENT_ID)

    assert 0 <= young < 60
    assert eventually(lambda: deliveries.read(EVENT_ID)[2] > young)


def test_age_of_a_record_begins_again_with_each_write(firestore_client: Client) -> None:
    deliveries = FirestoreDeliveries(database_of(firestore_client), "send_email")
    version = deliveries.write(EVENT_ID, CLAIM, replacing=None)
    taken_over = monotonic()
    deliveries.write(EVENT_ID, replace(CLAIM, token="successor"), replacing=version)

    *_, age = deliveries.read(EVENT_ID)

    assert age <= monotonic() - taken_over


def test_record_of_an_earlier_version_counts_the_lease_that_was_deployed_then(firestore_client: Client) -> None:
    deliveries = FirestoreDeliveries(database_of(firestore_client), "send_email")
    deliveries.write(EVENT_ID, replace(CLAIM, lease_seconds=3), replacing=None)
    firestore_client.document("deliveries", f"send_email.{EVENT_ID}").update({"lease_seconds": DELETE_FIELD})

    claim, *_ = deliveries.read(EVENT_ID)

    assert (claim.is_held(44.9), claim.is_held(45)) == (True, False)


def test_subscribers_have_records_of_their_own(request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue("firestore_client")
    one, other = (FirestoreDeliveries(database_of(client), name) for name in ("send_email", "notify_admin"))

    one.write(EVENT_ID, CLAIM, replacing=None)
    other.write(EVENT_ID, replace(CLAIM, token="other"), replacing=None)

    assert one.read(EVENT_ID)[0] == CLAIM


def test_store_that_fails_is_unavailable(request: pytest.FixtureRequest) -> None:
    deliveries = FirestoreDeliveries(database_of(request.getfixturevalue("failing_firestore")), "send_email")

    with pytest.raises(DeliveriesUnavailableError):
        deliveries.write(EVENT_ID, CLAIM, replacing=None)
    with pytest.raises(DeliveriesUnavailableError):
        deliveries.read(EVENT_ID)
