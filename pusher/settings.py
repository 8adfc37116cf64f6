"""What the pusher reads from its environment; all numbers are topology.toml's unless they are set."""

import re
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, structs

from blueprint.topology import Push, Topology
from shared.broker.nats_settings import NatsSettings
from shared.runtime.settings import SettingsError

# Pub/Sub takes `a..b`, too; a wildcard would take the events of other topics.
_TOPIC = re.compile(r"[^\s.*>]+(\.[^\s.*>]+)*")


class Endpoints(dict[str, str]):
    """The URLs of subscribers, by subscription: `send-email=http://127.0.0.1:8081/ notify-admin=http://...`."""

    @classmethod
    def parse(cls, text: str) -> "Endpoints":
        """
        Read them.

        Raises:
            ValueError: One does not have this form, or a subscription has two.
        """
        given = [each.partition("=") for each in text.split()]
        endpoints = {name: url.removesuffix("/") + "/" for name, _, url in given if name and _is_endpoint(url)}
        if len(endpoints) < len(given):
            raise ValueError("must be subscriptions and their URLs, such as send-email=http://127.0.0.1:8081/")
        return cls(endpoints)


def _is_endpoint(url: str) -> bool:
    with suppress(ValueError):  # a port that is not one, for example
        parts = urlsplit(url)
        is_http = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        return bool(is_http and not parts.query and not parts.fragment)
    return False


class Settings(NatsSettings, frozen=True, kw_only=True):
    """Which events are pushed, to whom and how often."""

    push_endpoints: Endpoints
    """The URLs of the subscribers, by the name of their subscription."""
    push_minimum_backoff_seconds: Annotated[int, Meta(ge=1, le=600)] | None = None
    """The pause after the first push that was not acknowledged; each further one is twice as long."""
    push_maximum_backoff_seconds: Annotated[int, Meta(ge=1, le=600)] | None = None
    """The longest pause between two pushes."""
    push_max_delivery_attempts: Annotated[int, Meta(ge=1, le=100)] | None = None
    """After how many pushes an event is a dead letter."""
    push_ack_deadline_seconds: Annotated[int, Meta(ge=1, le=600)] | None = None
    """How long an event that a pusher took is left to it. A push is cut off before its end."""

    def __post_init__(self) -> None:
        if not _TOPIC.fullmatch(self.event_topic):
            raise SettingsError(
                "EVENT_TOPIC: must have something beside each dot, and no * or >, to be a subject on NATS"
            )

    def pushed(self, topology: Topology) -> Topology:
        """
        What of `topology` is pushed: this topic, to these subscribers. One that is not named here gets no consumer.

        Raises:
            SettingsError: An endpoint's subscription is not in it.
        """
        subscribers = topology.subscribers()
        known = [function.subscription or "" for function in subscribers.values()]
        if not self.push_endpoints.keys() <= set(known):
            raise SettingsError(f"PUSH_ENDPOINTS: its subscriptions must be among {', '.join(known)}")
        pushed = {name: each for name, each in subscribers.items() if each.subscription in self.push_endpoints}
        return structs.replace(topology.with_topic(self.event_topic), functions=pushed)

    def policy(self, push: Push) -> Push:
        """How events are pushed: as `push` has it, and what is set here in its place."""
        given = {name: getattr(self, f"push_{name}", None) for name in push.__struct_fields__}
        return structs.replace(push, **{name: value for name, value in given.items() if value is not None})
