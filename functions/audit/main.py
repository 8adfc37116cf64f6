"""The entry point of audit. It wires, and decides nothing."""

import os
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from time import sleep

import functions_framework
from flask import Request, Response
from google.cloud.firestore import Client

from shared.runtime import logs
from shared.runtime.once import once
from shared.runtime.server import configure_server
from shared.runtime.settings import read_settings
from shared.web.responses import answered, not_found
from shared.web.server_problems import replace_pages_of_the_server

from .audit import audit as audit_records
from .chosen_messages import chosen_messages
from .endpoint import MEANINGS, Endpoint
from .firestore_records import FirestoreRecords
from .monitoring_messages import session_for
from .report import Report
from .scope import scheduled_scope
from .settings import Settings

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
configure_server(os.environ)
functions_framework.errorhandler(HTTPStatus.NOT_FOUND)(not_found)
replace_pages_of_the_server()


@functions_framework.http
def audit(request: Request) -> Response:
    """Decide on live data whether every promise holds. Called every hour."""
    return answered(lambda request, traceparent: _endpoint().answer(request, traceparent), request, meanings=MEANINGS)


# Its clients are built by the first request: gRPC does not survive the server's fork after import.
@once
def _endpoint() -> Endpoint:
    records = FirestoreRecords(Client(project=_settings.google_cloud_project))
    messages = chosen_messages(_settings, partial(session_for, _settings.monitoring_url), now=_now)
    pause = partial(sleep, _settings.audit_pause_seconds)

    def run() -> Report:
        return audit_records(scheduled_scope(_settings, _now()), records, messages, pause=pause)

    return Endpoint(run)


def _now() -> datetime:
    return datetime.now(UTC)
