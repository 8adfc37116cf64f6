"""Chooses who tells of messages that are not acknowledged: Cloud Monitoring of Pub/Sub's, NATS of its own."""

from collections.abc import Callable
from datetime import datetime

from requests import Session

from shared.broker.settings import Broker

from .monitoring_messages import MonitoringMessages
from .records import Messages
from .settings import Settings


def chosen_messages(settings: Settings, session: Callable[[], Session], *, now: Callable[[], datetime]) -> Messages:
    """`session` has the login at Cloud Monitoring, where that is asked."""
    match settings.event_broker:
        case Broker.PUBSUB:
            return MonitoringMessages(session(), settings, now=now)
        case Broker.NATS:
            from .nats_messages import NatsMessages  # noqa: PLC0415  NATS loads only where it is used

            return NatsMessages(settings, now=now)
