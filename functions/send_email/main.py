"""The entry point of send_email. It wires, and decides nothing."""

import os
from datetime import UTC, datetime
from functools import partial

import functions_framework
from flask import Request, Response

from shared.broker.push_endpoint import answer_push, receive_every_push
from shared.deliveries.deliver_once import Lease
from shared.deliveries.delivery import Attempt
from shared.deliveries.firestore_subscriber import FirestoreSubscriber
from shared.events.event import Event
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated
from shared.runtime import logs
from shared.runtime.server import configure_server
from shared.runtime.settings import read_settings

from .links import sign_up_link
from .mails import compose_mail
from .settings import Settings
from .smtp_mailer import SmtpMailer

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
configure_server(os.environ)
_mailer = SmtpMailer(
    host=_settings.smtp_host,
    port=_settings.smtp_port,
    security=_settings.smtp_security,
    user=_settings.smtp_user,
    password=_settings.smtp_password,
)


def _now() -> datetime:
    return datetime.now(UTC)


def _send(template: str, event: Event, attempt: Attempt, *, link: str = "") -> None:
    mail = compose_mail(
        event,
        template,
        link=link,
        sender=_settings.mail_from,
        product=_settings.product_name,
        brand_color=_settings.brand_color,
        date=_now(),
    )
    _mailer.send(mail, attempt.deadline)


def _send_link(event: SignUpRequested, attempt: Attempt) -> None:
    link = sign_up_link(event, url=_settings.sign_up_url, keys=_settings.link_keys, at=attempt.claimed_at)
    _send("sign_up_link", event, attempt, link=link)


_subscriber = FirestoreSubscriber(
    "send_email",
    {
        UserCreated: partial(_send, "welcome"),
        SignUpRequested: _send_link,
        SignUpRepeated: partial(_send, "already_registered"),
    },
    effect="mail",
    project=_settings.google_cloud_project,
    lease=Lease(seconds=_settings.lease_seconds, act_seconds=_settings.smtp_deadline_seconds),
    now=_now,
)
receive_every_push(_subscriber)


@functions_framework.http
def send_email(request: Request) -> Response:
    """Steps 7 and 8 of docs/architecture.md: deliver the mail once."""
    return answer_push(request, _subscriber)
