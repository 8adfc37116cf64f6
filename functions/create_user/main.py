"""The entry point of create_user. It wires, and decides nothing."""

import os
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

import functions_framework
from flask import Request, Response
from google.cloud.firestore import Client

from shared.broker.chosen import chosen_publisher
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import publish_best_effort
from shared.runtime import logs
from shared.runtime.once import once
from shared.runtime.settings import read_settings
from shared.web.after_the_answer import after_the_answer, at_once
from shared.web.responses import answered, not_found

from .bcrypt_passwords import BcryptPasswords
from .concealment import UnverifiedRepeats
from .endpoint import Endpoint
from .firestore_users import FirestoreUsers
from .hash_queue import HASHES_PER_CPU, HashQueue, typical_hash_seconds
from .http_problems import MEANINGS
from .password_policy import PasswordPolicy
from .registration import Passwords
from .settings import Settings

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
functions_framework.errorhandler(HTTPStatus.NOT_FOUND)(partial(not_found, allowed_origins=_settings.cors_origins))


@functions_framework.http
def create_user(request: Request) -> Response:
    """Steps 1 to 5 of docs/architecture.md: `POST /` signs a user up."""
    return answered(
        lambda request, traceparent: _endpoint().answer(request, traceparent),
        request,
        meanings=MEANINGS,
        allowed_origins=_settings.cors_origins,
    )


# Its clients are built by the first request: gRPC does not survive the server's fork after import.
@once
def _endpoint() -> Endpoint:
    firestore, concealing = Client(project=_settings.google_cloud_project), _settings.conceal_existing_accounts
    return Endpoint(
        policy=PasswordPolicy(_settings.password_min_length, _settings.product_name, _settings.password_blocklist),
        passwords=_passwords(),
        users=FirestoreUsers(firestore),
        publish=partial(
            publish_best_effort,
            publisher=chosen_publisher(_settings),
            outbox=FirestoreOutbox(firestore),
            # While accounts are concealed, work after the response would be visible in when the connection ends.
            later=at_once if concealing else after_the_answer,
        ),
        now=lambda: datetime.now(UTC),
        concealed_answer_seconds=_settings.concealed_answer_seconds if concealing else None,
    )


def _passwords() -> Passwords:
    queue = HashQueue(
        parallel=HASHES_PER_CPU * (os.cpu_count() or 1),
        longest_wait_seconds=_settings.hash_queue_seconds,
        typical_hash_seconds=HASHES_PER_CPU * typical_hash_seconds(_settings.bcrypt_rounds),
    )
    passwords = BcryptPasswords(_settings.password_peppers, rounds=_settings.bcrypt_rounds, queue=queue)
    return UnverifiedRepeats(passwords) if _settings.conceal_existing_accounts else passwords
