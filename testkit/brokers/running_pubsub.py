"""The Pub/Sub emulator of a stack, mostly through its REST API."""

from secrets import token_hex
from typing import Any

import msgspec

from blueprint.topology import read_topology
from emulator.google.topics import create_topics
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.pubsub_topic import PubsubTopic
from shared.events.codec import Encoding
from shared.events.message import Message
from testkit.brokers.running_broker import TOPIC
from testkit.plain_http import http

_TOPOLOGY = read_topology()


class RunningPubsub:
    quiet_seconds = 1.5  # longer than the emulator waits before it redelivers

    def __init__(self, address: str) -> None:
        self.address = address
        self._api = f"http://{address}/v1"

    def settings_at(self, address: str) -> dict[str, str]:
        return {"PUBSUB_EMULATOR_HOST": address}

    def create_topics(self, project: str) -> None:
        create_topics(_TOPOLOGY, project=project, pubsub_host=self.address, push_endpoints={})

    def push_events_of(self, project: str, url: str, *, subscription: str = "send-email") -> None:
        endpoint = f"{url}projects/{project}/topics/{TOPIC}"
        create_topics(_TOPOLOGY, project=project, pubsub_host=self.address, push_endpoints={subscription: endpoint})

    def push_no_events_of(self, project: str) -> None:
        """Delete its subscriptions: the emulator goes on asking each, and repeating what nobody takes any more."""
        found = http.get(f"{self._api}/projects/{project}/subscriptions").raise_for_status().json()
        for subscription in found.get("subscriptions", ()):
            http.delete(f"{self._api}/{subscription['name']}").raise_for_status()

    def publisher(self, project: str) -> PubsubPublisher:
        return PubsubPublisher(PubsubTopic(f"projects/{project}/topics/{TOPIC}", self.address), Encoding.JSON)

    def publish(self, project: str, message: Message, *, topic: str = TOPIC) -> None:
        url = f"{self._api}/projects/{project}/topics/{topic}:publish"
        http.post(url, json={"messages": [msgspec.to_builtins(message)]}).raise_for_status()

    def take_dead_letters(self, project: str) -> list[Message]:
        name = _TOPOLOGY.events.dead_letter_subscription
        return _pull_all(f"{self._api}/projects/{project}/subscriptions/{name}")

    def is_pushing(self, project: str) -> bool:  # noqa: ARG002  the emulator does not tell
        return False

    def witness(self, project: str) -> "_Witness":
        topic = f"projects/{project}/topics/{TOPIC}"
        subscription = f"{self._api}/projects/{project}/subscriptions/witness-{token_hex(4)}"
        http.put(f"{self._api}/{topic}")
        http.put(subscription, json={"topic": topic}).raise_for_status()
        return _Witness(subscription)

    def close(self) -> None:
        """It ends with its stack."""


class _Witness:
    """A subscription of its own."""

    def __init__(self, subscription: str) -> None:
        self._subscription = subscription
        self._seen: list[Message] = []

    def messages(self) -> list[Message]:
        self._seen += _pull_all(self._subscription)
        return self._seen

    def close(self) -> None:
        http.delete(self._subscription).raise_for_status()


def _pull_all(subscription: str) -> list[Message]:
    # The client library warns of `returnImmediately`; without it a pull waits until there is something.
    messages = []
    while received := _post(subscription, "pull", returnImmediately=True, maxMessages=1000).get("receivedMessages"):
        _post(subscription, "acknowledge", ackIds=[each["ackId"] for each in received])
        messages += [msgspec.convert({"data": "", "attributes": {}} | each["message"], Message) for each in received]
    return messages


def _post(subscription: str, method: str, **request: object) -> dict[str, Any]:
    answer = http.post(f"{subscription}:{method}", json=request).raise_for_status()
    members: dict[str, Any] = answer.json()
    return members
