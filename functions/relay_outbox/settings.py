"""What relay_outbox reads from its environment. It never sees the pepper."""

from typing import Annotated

from msgspec import Meta

from shared.broker.settings import PublishingSettings


class Settings(PublishingSettings, frozen=True, kw_only=True):
    """
    The grace period leaves an event to the request that stored it, which may still be at work.

    The budget ends between pages: the last one may take 20 s more of the request's 60 s.
    """

    outbox_grace_seconds: Annotated[float, Meta(ge=0, le=3600)] = 10
    relay_budget_seconds: Annotated[float, Meta(gt=0, le=35)] = 30
