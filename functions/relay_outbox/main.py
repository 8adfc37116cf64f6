"""The entry point of relay_outbox. It wires, and decides nothing."""

import os
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import functions_framework
from flask import Request, Response
from google.cloud.firestore import Client

from shared.broker.chosen import chosen_publisher
from shared.broker.publisher import Publisher
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import OutboxUnavailableError
from shared.runtime import logs
from shared.runtime.once import once
from shared.runtime.settings import read_settings
from shared.web.problems import Meanings, try_again
from shared.web.request import check_target
from shared.web.responses import answered, json_response, not_found

from . import relay
from .settings import Settings

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
functions_framework.errorhandler(HTTPStatus.NOT_FOUND)(not_found)
_MEANINGS: Meanings = {
    OutboxUnavailableError: lambda _: try_again("unavailable", "The outbox did not respond.", seconds=5),
}


@functions_framework.http
def relay_outbox(request: Request) -> Response:
    """Step 5b of docs/architecture.md: publish what requests left in the outbox. Called every minute."""
    return answered(_relay_outbox, request, meanings=_MEANINGS)


def _relay_outbox(request: Request, _traceparent: str) -> Response:
    check_target(request)
    report = relay.relay_outbox(
        FirestoreOutbox(_firestore()),
        _publisher(),
        grace=timedelta(seconds=_settings.outbox_grace_seconds),
        budget_seconds=_settings.relay_budget_seconds,
        now=_now,
    )
    return json_response(asdict(report))


# Clients are built by the first request: gRPC does not survive the server's fork after import.
@once
def _firestore() -> Client:
    return Client(project=_settings.google_cloud_project)


@once
def _publisher() -> Publisher:
    return chosen_publisher(_settings)


def _now() -> datetime:
    return datetime.now(UTC)
