"""Puts a message back on the topic as it was."""

from collections.abc import Mapping

from google.api_core.exceptions import InvalidArgument

from operations.redrive.documents import CALL
from operations.redrive.system import System

_ADDED_TO_DEAD_LETTERS = "CloudPubSubDeadLetterSource"


def put_on_topic(system: System, data: bytes, attributes: Mapping[str, str]) -> str:
    """
    Publish the message, without what Pub/Sub has added to a dead letter.

    Returns why Pub/Sub refuses it, or nothing.
    """
    own = {name: value for name, value in attributes.items() if not name.startswith(_ADDED_TO_DEAD_LETTERS)}
    try:
        system.publisher.publish({"topic": system.topic, "messages": [{"data": data, "attributes": own}]}, **CALL)
    except InvalidArgument:
        return "Pub/Sub rejects it"
    return ""
