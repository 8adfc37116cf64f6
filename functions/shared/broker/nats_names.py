"""What things are called on NATS: a project's subjects, and the streams that keep what is published on them."""

import re

# https://docs.nats.io/nats-concepts/jetstream/streams: a name without blanks, dots, wildcards and path separators
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")


def subject_of(project: str, topic: str) -> str:
    """Each project has subjects of its own, as it has topics of its own on Pub/Sub."""
    return f"{project}.{topic}"


def stream_of(project: str, topic: str) -> str:
    return name_of(subject_of(project, topic))


def name_of(text: str) -> str:
    """The text as the name of a stream or a consumer."""
    return _NOT_IN_NAMES.sub("_", text)
