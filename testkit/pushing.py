"""Pushes messages to a subscriber as Pub/Sub does, in both forms."""

from base64 import b64encode

import httpx

from shared.events.codec import Encoding, encode
from shared.events.event import Event
from shared.events.message import Message
from shared.events.user_created import UserCreated
from testkit.builders import a_user_created
from testkit.plain_http import http
from testkit.signing_up import an_address

TOPIC = "projects/usher/topics/user.created"
EVENTARC_HEADERS = {
    "ce-specversion": "1.0",
    "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
    "ce-source": f"//pubsub.googleapis.com/{TOPIC}",
    "ce-id": "1",
}


def an_event() -> UserCreated:
    return a_user_created(name="Ewan Canary", company="Canary Mines", email=an_address())


def push(url: str, event: Event) -> httpx.Response:
    """Push as the emulator does: the raw form."""
    return push_message(url, encode(event, Encoding.JSON))


def push_message(url: str, message: Message) -> httpx.Response:
    return http.post(f"{url}{TOPIC}", json=body_of(message), timeout=60)


def push_as_eventarc(url: str, event: Event) -> httpx.Response:
    """Push as Eventarc does: a CloudEvent in binary mode around the same body."""
    body = body_of(encode(event, Encoding.JSON))
    return http.post(url, json=body, headers=EVENTARC_HEADERS, timeout=60)


def body_of(message: Message) -> object:
    """Both spellings of its fields, as the emulator sends them."""
    content = {
        "data": b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "messageId": "1",
        "message_id": "1",
        "publishTime": "2026-11-01T12:00:00Z",
        "publish_time": "2026-11-01T12:00:00Z",
    }
    return {"subscription": "projects/usher/subscriptions/send-email", "message": content}
