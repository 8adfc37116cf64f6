"""What a program reads from its environment to find events on NATS."""

import re
from contextlib import suppress
from urllib.parse import urlsplit

from msgspec import Struct

from shared.runtime.settings import Secret


class NatsUrl(Secret):
    """One server or several; may hold a user and a password."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "NatsUrl":
        """
        Read it.

        Raises:
            ValueError: It does not have this form. The message shows nothing of it.
        """
        servers = text.split(",")
        if not all(map(_is_nats, servers)) or len({server.partition(":")[0] for server in servers}) > 1:
            raise ValueError("must be nats://HOST:PORT or tls://HOST:PORT, or several of one kind, separated by commas")
        return cls(text)


def _is_nats(url: str) -> bool:
    with suppress(ValueError):  # a port that is not one, for example
        parts = urlsplit(url)
        is_server = parts.scheme in {"nats", "tls"} and parts.hostname and parts.port != 0
        return bool(is_server and parts.path in {"", "/"} and not re.search(r"[\s?#]", url))
    return False


class NatsSettings(Struct, frozen=True, kw_only=True):
    """Which events, and where."""

    google_cloud_project: str
    """The project that holds Firestore, and the events on either broker."""
    event_topic: str
    """The topic that events are published on: on NATS, the subject `PROJECT.TOPIC`."""
    nats_url: NatsUrl = NatsUrl("nats://127.0.0.1:4222")
    """Where the NATS server is: `nats://HOST:PORT`, or `tls://HOST:PORT` if its TLS has `handshake_first: auto`; may
    hold a user and a password, which are used as they stand. Separate several servers by commas."""
