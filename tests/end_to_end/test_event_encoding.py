"""Both encodings of the event, on the wire and through to the mail."""

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import pytest
from google.cloud.firestore import Client
from google.pubsub_v1 import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import PubsubMessage, Subscription

from tests.inbox import Inbox
from tests.running_function import RunFunction
from tests.signing_up import TRACE_ID, an_address, members, sign_up
from tests.stack import LocalStack


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
def test_event_in_either_encoding_becomes_a_mail(
    stack: LocalStack, firestore_client: Client, run_function: RunFunction, inbox: Inbox, encoding: str
) -> None:
    project = firestore_client.project
    stack.push_events_of(project)
    address = an_address()
    create_user = run_function("create_user", EVENT_ENCODING=encoding)

    with grpc.insecure_channel(stack.pubsub_host) as channel:
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        subscription = subscriber.create_subscription(
            Subscription(
                name=f"projects/{project}/subscriptions/seen-by-the-test",
                topic=f"projects/{project}/topics/user.created",
            )
        )
        user = sign_up(create_user.url, members(email=address)).json()
        message = only_message(subscriber, subscription.name)

    mail = inbox.wait_for_mail_to(address)
    assert message.attributes["Content-Type"] == f"application/{encoding}"
    assert message.attributes["ce-type"] == "user.created"
    assert message.attributes["ce-subject"] == user["id"]
    assert TRACE_ID in message.attributes["traceparent"]
    assert mail["Message-ID"] == f"<{message.attributes['ce-id']}@usher.example>"
    assert b"$2b$" not in message.data
    assert b"tractor" not in message.data  # a word of the password


def only_message(subscriber: SubscriberClient, subscription: str) -> PubsubMessage:
    response = subscriber.pull(subscription=subscription, max_messages=10, timeout=10)
    [received] = response.received_messages
    message: PubsubMessage = received.message
    return message
