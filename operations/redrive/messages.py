"""Puts a message back on the topic as it was."""

from operations.redrive.system import System
from shared.events.message import Message

_ADDED_TO_DEAD_LETTERS = "CloudPubSubDeadLetterSource"  # the pusher of NATS adds the same


def put_on_topic(system: System, message: Message) -> str:
    """
    Publish the message, without what was added to a dead letter.

    Returns why the broker refuses it, or nothing.
    """
    own = {name: value for name, value in message.attributes.items() if not name.startswith(_ADDED_TO_DEAD_LETTERS)}
    return system.broker.publish(Message(message.data, own))
