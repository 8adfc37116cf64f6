"""The entry point of notify_admin. It wires, and decides nothing."""

import os
from datetime import UTC, datetime

import functions_framework
from flask import Request, Response

from shared.broker.push_endpoint import answer_push, receive_every_push
from shared.deliveries.deliver_once import Lease
from shared.deliveries.delivery import Attempt
from shared.deliveries.firestore_subscriber import FirestoreSubscriber
from shared.events.user_created import UserCreated
from shared.runtime import logs
from shared.runtime.server import configure_server
from shared.runtime.settings import read_settings

from .admin_text import compose_text
from .settings import Settings
from .twilio_messages import TwilioMessages

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
configure_server(os.environ)
_messages = TwilioMessages(
    base_url=_settings.sms_base_url,
    account_sid=_settings.sms_account_sid,
    auth_token=_settings.sms_auth_token,
    sender=_settings.sms_from,
)


def _now() -> datetime:
    return datetime.now(UTC)


def _text_admin(event: UserCreated, attempt: Attempt) -> None:
    text = compose_text(event, _settings.sms_content, product=_settings.product_name)
    _messages.send(text, to=_settings.sms_to, deadline=attempt.deadline)


_subscriber = FirestoreSubscriber(
    "notify_admin",
    {UserCreated: _text_admin},
    effect="sms",
    project=_settings.google_cloud_project,
    lease=Lease(seconds=_settings.lease_seconds, act_seconds=_settings.sms_deadline_seconds),
    now=_now,
)
receive_every_push(_subscriber)


@functions_framework.http
def notify_admin(request: Request) -> Response:
    """Steps 7 and 8 of docs/architecture.md: deliver the SMS once."""
    return answer_push(request, _subscriber)
