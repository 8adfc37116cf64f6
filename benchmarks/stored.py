"""Puts large numbers of documents and messages into the emulators, hundreds at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from google.cloud.firestore import Client, WriteBatch
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.types import PubsubMessage

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.pubsub_topic import connect
from shared.contract.documents import EMAIL_RESERVATIONS, OUTBOX, USERS
from shared.events.codec import Encoding, encode
from shared.events.outbox_entry import entry_of
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, publish_and_clear
from shared.users.address_key import reservation_id
from testkit.builders import a_stored_user
from testkit.database import database_of
from testkit.pushing import an_event
from testkit.signing_up import an_address

_AT_ONCE = 200
_THREADS = 4


def warm_up(project: str, times: int) -> None:
    """Have the emulators do what will be measured until Java has compiled it: in production it is always warm."""
    database = database_of(Client(project=project))
    users, outbox, publisher = FirestoreUsers(database), FirestoreOutbox(database), _publisher(project)

    def sign_up(_: int) -> None:
        stored = a_stored_user(email=an_address())
        event = user_created(stored.user, "")
        entry = Entry(event, users.add(stored, event))
        users.look_up(stored.user.id, stored.user.email)
        publish_and_clear(entry, publisher, outbox)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(sign_up, range(times)))


def _publisher(project: str) -> PubsubPublisher:
    return PubsubPublisher(connect(project, "user.created"), Encoding.JSON)


def store_users(firestore: Client, count: int) -> list[str]:
    """Users and the reservations of their addresses, as FirestoreUsers leaves them; returns the addresses."""
    addresses = [an_address() for _ in range(count)]
    left = list(addresses)

    def add(batch: WriteBatch) -> None:
        stored = a_stored_user(email=left.pop())
        fields = asdict(stored.user) | {"event_id": stored.user.id, "password": asdict(stored.password_hash)}
        del fields["id"]
        batch.create(firestore.document(USERS, stored.user.id), fields)
        reserved = firestore.document(EMAIL_RESERVATIONS, reservation_id(stored.user.email))
        batch.create(reserved, {"user_id": stored.user.id})

    _in_batches(firestore, count, add)
    return addresses


def fill_outbox(firestore: Client, count: int) -> None:
    """Entries that are due to a relay without a grace period."""

    def add(batch: WriteBatch) -> None:
        event = an_event()
        batch.create(firestore.document(OUTBOX, event.event_id), entry_of(event))

    _in_batches(firestore, count, add)


def clear_outbox(firestore: Client) -> None:
    entries = list(firestore.collection(OUTBOX).select([]).stream())

    def delete(batch: WriteBatch) -> None:
        batch.delete(entries.pop().reference)

    _in_batches(firestore, len(entries), delete)


def publish_backlog(project: str, count: int) -> None:
    """Events in the subscription send-email, which pushes them nowhere yet."""
    subscription = SubscriberClient.subscription_path(project, "send-email")
    topic = PublisherClient.topic_path(project, "user.created")
    SubscriberClient().create_subscription(name=subscription, topic=topic)
    publisher = PublisherClient()
    for size in _batches(count):
        messages = [encode(an_event(), Encoding.JSON) for _ in range(size)]
        publisher.publish(
            topic=topic, messages=[PubsubMessage(data=each.data, attributes=each.attributes) for each in messages]
        )


def _in_batches(firestore: Client, count: int, add: Callable[[WriteBatch], None]) -> None:
    def commit(size: int) -> None:
        batch = firestore.batch()
        for _ in range(size):
            add(batch)
        batch.commit()

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(commit, _batches(count)))


def _batches(count: int) -> list[int]:
    """Their sizes; the last may be smaller."""
    return [min(_AT_ONCE, count - start) for start in range(0, count, _AT_ONCE)]
