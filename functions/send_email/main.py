"""The entry point of send_email. It wires, and decides nothing."""

import os
from datetime import UTC, datetime
from http import HTTPStatus

import functions_framework
from cloudevents.http import CloudEvent
from flask import Response, request
from google.cloud.firestore import Client
from werkzeug.exceptions import BadRequest

from shared import logs, subscriber
from shared.deliveries.deliver_once import Lease, deliver_once
from shared.deliveries.firestore_deliveries import FirestoreDeliveries
from shared.events.user_created import UserCreated
from shared.firestore_malformed_events import FirestoreMalformedEvents
from shared.once import once
from shared.settings import read_settings

from .settings import Settings
from .smtp_mailer import SmtpMailer
from .welcome import compose_welcome

SUBSCRIBER = "send_email"

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
_mailer = SmtpMailer(
    host=_settings.smtp_host,
    port=_settings.smtp_port,
    security=_settings.smtp_security,
    user=_settings.smtp_user,
    password=_settings.smtp_password,
)


@functions_framework.cloud_event
def send_email(cloud_event: CloudEvent) -> None:
    """Steps 7 and 8 of docs/architecture.md: deliver the welcome mail once."""
    _handle(cloud_event.data)


@functions_framework.errorhandler(HTTPStatus.BAD_REQUEST)  # type: ignore[untyped-decorator]  # set at start
def reject_push(_: BadRequest) -> Response:
    """What the framework makes no CloudEvent of, a message without data for instance, is kept as malformed."""
    _handle(request.get_data())
    return Response(status=HTTPStatus.NO_CONTENT)


def _handle(push: object) -> None:
    subscriber.handle(push, _deliver_welcome, FirestoreMalformedEvents(_firestore(), SUBSCRIBER, _now))


def _deliver_welcome(event: UserCreated) -> None:
    def send(deadline: float) -> None:
        mail = compose_welcome(event, sender=_settings.mail_from, product=_settings.product_name, date=_now())
        _mailer.send(mail, deadline)

    deliver_once(
        event,
        send,
        effect="mail",
        deliveries=FirestoreDeliveries(_firestore(), SUBSCRIBER),
        lease=Lease(seconds=_settings.lease_seconds, act_seconds=_settings.smtp_deadline_seconds),
        now=_now,
    )


@once
def _firestore() -> Client:
    """Built by the first request: gRPC does not survive the server's fork after import."""
    return Client(project=_settings.google_cloud_project)


def _now() -> datetime:
    return datetime.now(UTC)
