"""The entry point of relay_outbox. It wires, and decides nothing."""

import os
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus

import functions_framework
from flask import Request, Response

from shared.broker.chosen import chosen_publisher
from shared.firestore.connecting import connect
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.runtime import logs
from shared.runtime.once import once
from shared.runtime.server import configure_server
from shared.runtime.settings import read_settings
from shared.web.responses import answered, not_found
from shared.web.server_problems import replace_pages_of_the_server

from .endpoint import MEANINGS, Endpoint
from .settings import Settings

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
configure_server(os.environ)
functions_framework.errorhandler(HTTPStatus.NOT_FOUND)(not_found)
replace_pages_of_the_server()


@functions_framework.http
def relay_outbox(request: Request) -> Response:
    """Step 5b of docs/architecture.md: publish what requests left in the outbox. Called every minute."""
    return answered(lambda request, traceparent: _endpoint().answer(request, traceparent), request, meanings=MEANINGS)


# Its clients are built by the first request: gRPC does not survive the server's fork after import.
@once
def _endpoint() -> Endpoint:
    return Endpoint(
        outbox=FirestoreOutbox(once(partial(connect, _settings.google_cloud_project))),
        publisher=chosen_publisher(_settings),
        grace=timedelta(seconds=_settings.outbox_grace_seconds),
        budget_seconds=_settings.relay_budget_seconds,
        now=lambda: datetime.now(UTC),
    )
