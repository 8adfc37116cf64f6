"""What relay_outbox reads from its environment. It never sees the pepper."""

from typing import Annotated

from msgspec import Meta

from shared.broker.settings import PublishingSettings


class Settings(PublishingSettings, frozen=True, kw_only=True):
    """The publisher's settings, and the relay's own."""

    outbox_grace_seconds: Annotated[float, Meta(ge=0, le=3600)] = 10
    """How long an event is left to the request that stored it, which may still be at work."""
    relay_budget_seconds: Annotated[float, Meta(gt=0, le=35)] = 30
    """When a run stops: what it has begun may take another 7 s of the request's 60 s, and counting the rest 6 s."""
