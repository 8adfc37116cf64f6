"""Sees what is published, through the REST API of the Pub/Sub emulator."""

from typing import Any

import msgspec

from shared.events.message import Message
from testkit.plain_http import http


class Witness:
    """A subscription of its own to the topic of a project, from now on; the topic is created where it is missing."""

    def __init__(self, pubsub_host: str, project: str) -> None:
        api = f"http://{pubsub_host}/v1"
        topic = f"projects/{project}/topics/user.created"
        self._subscription = f"{api}/projects/{project}/subscriptions/witness-of-the-test"
        self._seen: list[Message] = []
        http.put(f"{api}/{topic}")
        http.put(self._subscription, json={"topic": topic}).raise_for_status()

    def messages(self) -> list[Message]:
        """All that have been published so far."""
        # The client library warns of `returnImmediately`; without it a pull waits until there is something.
        while received := self._post("pull", returnImmediately=True, maxMessages=1000).get("receivedMessages"):
            self._post("acknowledge", ackIds=[each["ackId"] for each in received])
            self._seen += [
                msgspec.convert({"data": "", "attributes": {}} | each["message"], Message) for each in received
            ]
        return self._seen

    def close(self) -> None:
        http.delete(self._subscription).raise_for_status()

    def _post(self, method: str, **request: object) -> dict[str, Any]:
        answer = http.post(f"{self._subscription}:{method}", json=request).raise_for_status()
        members: dict[str, Any] = answer.json()
        return members
