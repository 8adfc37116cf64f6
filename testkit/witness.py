"""Sees what is published, through the REST API of the Pub/Sub emulator."""

from typing import Any

import httpx
import msgspec

from shared.events.message import Message


class Witness:
    """A subscription of its own to the topic of a project, from now on; the topic is created where it is missing."""

    def __init__(self, pubsub_host: str, project: str) -> None:
        api = f"http://{pubsub_host}/v1"
        topic = f"projects/{project}/topics/user.created"
        self._subscription = f"{api}/projects/{project}/subscriptions/witness-of-the-test"
        self._seen: list[Message] = []
        httpx.put(f"{api}/{topic}", trust_env=False)
        httpx.put(self._subscription, json={"topic": topic}, trust_env=False).raise_for_status()

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
        httpx.delete(self._subscription, trust_env=False).raise_for_status()

    def _post(self, method: str, **request: object) -> dict[str, Any]:
        answer = httpx.post(f"{self._subscription}:{method}", json=request, trust_env=False).raise_for_status()
        members: dict[str, Any] = answer.json()
        return members
