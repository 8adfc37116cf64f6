"""An event that was given up, put back at once: within the two minutes in which a server may drop duplicates."""

from google.cloud.firestore import Client

from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Selection
from operations.redrive.system import EmulatorHosts, connect
from shared.contract.documents import MALFORMED_EVENTS
from shared.deliveries.firestore_malformed_events import FirestoreMalformedEvents
from shared.events.message import Message
from testkit.brokers.running_nats import RunningNats
from testkit.builders import NOW
from testkit.database import database_of
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.pushed_project import TOPOLOGY
from testkit.pushing import an_event
from testkit.running_function import RunFunction
from testkit.stack import LocalStack

NOBODY = "http://127.0.0.1:1/"


def test_event_that_is_redriven_at_once_is_mailed_once_though_its_dead_letter_was_stored_twice(
    stack: LocalStack, firestore_client: Client, run_function: RunFunction, inbox: Inbox
) -> None:
    project, event = firestore_client.project, an_event()
    broker = stack.broker
    assert isinstance(broker, RunningNats)
    hosts = EmulatorHosts(firestore=stack.firestore_host, pubsub="", nats_url=stack.environment["NATS_URL"])
    system = connect(project, TOPOLOGY.events, hosts)
    broker.push_events_of(project, NOBODY, PUSH_MAX_DELIVERY_ATTEMPTS="1")
    broker.publisher(project).publish(event)
    letters = eventually(lambda: broker.take_dead_letters(project))
    broker.push_events_of(project, run_function("send_email").url)
    for _ in range(2):  # as after a confirmation that was lost
        broker.publish(project, letters[0], topic=TOPOLOGY.events.dead_letter_topic)

    outcomes = list(redrive_dead_letters(system, Selection(subscribers=frozenset())))

    assert [(outcome.ids[0], outcome.left) for outcome in outcomes] == [(event.event_id, "")] * 2
    inbox.wait_for_mail_to(event.email)
    assert eventually(lambda: not broker.is_pushing(project))
    assert inbox.duplicates() == []
    assert len(letters) == 1
    assert broker.take_dead_letters(project) == []


def test_malformed_event_that_nats_cannot_carry_keeps_its_record(stack: LocalStack, firestore_client: Client) -> None:
    hosts = EmulatorHosts(firestore=stack.firestore_host, pubsub="", nats_url=stack.environment["NATS_URL"])
    stack.broker.create_topics(firestore_client.project)
    records = FirestoreMalformedEvents(database_of(firestore_client), "send_email", lambda: NOW)
    sendable, unsendable = (
        records.record(Message(b"x", {name: "1"}), "of Pub/Sub's time") for name in ("own", "a name")
    )
    system = connect(firestore_client.project, TOPOLOGY.events, hosts)

    outcomes = {each.ids[0]: each.left for each in redrive_malformed(system, Selection(subscribers=frozenset()))}

    assert outcomes == {sendable: "", unsendable: "NATS rejects it"}
    assert [record.id for record in firestore_client.collection(MALFORMED_EVENTS).get()] == [unsendable]
