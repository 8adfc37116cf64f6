"""The entry points create_user and relay_outbox. They wire, and decide nothing."""

import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from time import monotonic

import functions_framework
from flask import Request, Response
from google.cloud.firestore import Client
from google.pubsub_v1 import PublisherClient

from shared import logs
from shared.once import once
from shared.settings import read_settings

from . import outbox
from .bcrypt_passwords import BcryptPasswords
from .firestore_outbox import FirestoreOutbox
from .firestore_users import FirestoreUsers
from .hash_queue import HashQueue
from .http_request import EXAMPLE, check_target, read_members, read_user_id
from .http_responses import answered, json_response, preflight
from .password_policy import PasswordPolicy
from .pubsub_publisher import PubsubPublisher
from .registration import register_user
from .settings import PublishingSettings, RelaySettings, Settings
from .sign_up_form import read_sign_up


@functions_framework.http
def create_user(request: Request) -> Response:
    """Steps 1 to 5 of docs/architecture.md: `POST /` signs a user up."""
    return answered(_create_user, request, allowed_origins=_settings().cors_origins)


def _create_user(request: Request, traceparent: str) -> Response:
    if request.method == "OPTIONS":
        return preflight()
    started = monotonic()
    check_target(request, body=EXAMPLE)
    user_id = read_user_id(request)
    user = register_user(
        read_sign_up(read_members(request), PasswordPolicy(_settings().password_min_length)),
        user_id,
        passwords=_passwords(),
        users=FirestoreUsers(_firestore()),
        publish=partial(outbox.publish_best_effort, publisher=_publisher(), outbox=FirestoreOutbox(_firestore())),
        now=_now,
        traceparent=traceparent,
    )
    logs.info("user_registered", user_id=user.id, latency_ms=round((monotonic() - started) * 1000))
    return json_response(asdict(user), HTTPStatus.CREATED)


@functions_framework.http
def relay_outbox(request: Request) -> Response:
    """Step 5b: publish what requests left in the outbox. Called every minute."""
    return answered(_relay_outbox, request)


def _relay_outbox(request: Request, _traceparent: str) -> Response:
    check_target(request)
    settings = _relay_settings()
    report = outbox.relay_outbox(
        FirestoreOutbox(_firestore()),
        _publisher(),
        grace=timedelta(seconds=settings.outbox_grace_seconds),
        budget_seconds=settings.relay_budget_seconds,
        now=_now,
    )
    return json_response(asdict(report))


@once
def _settings() -> Settings:
    return read_settings(Settings, os.environ)


@once
def _relay_settings() -> RelaySettings:
    return read_settings(RelaySettings, os.environ)


def _publishing_settings() -> PublishingSettings:
    return _relay_settings() if os.environ.get("FUNCTION_TARGET") == "relay_outbox" else _settings()


@once
def _passwords() -> BcryptPasswords:
    settings = _settings()
    queue = HashQueue(parallel=os.cpu_count() or 1, longest_wait_seconds=settings.hash_queue_seconds)
    return BcryptPasswords(settings.password_peppers, rounds=settings.bcrypt_rounds, queue=queue)


# Clients are built by the first request: gRPC does not survive the server's fork after import.
@once
def _firestore() -> Client:
    return Client(project=_publishing_settings().google_cloud_project)


@once
def _publisher() -> PubsubPublisher:
    settings = _publishing_settings()
    topic = PublisherClient.topic_path(settings.google_cloud_project, settings.event_topic)
    return PubsubPublisher(PublisherClient(), topic, settings.event_encoding)


def _now() -> datetime:
    return datetime.now(UTC)


# Read now, so that wrong settings stop the start.
logs.configure(_publishing_settings().google_cloud_project)
