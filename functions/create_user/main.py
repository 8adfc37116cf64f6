"""The entry point of create_user. It wires, and decides nothing."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from threading import Thread
from typing import NamedTuple

import functions_framework
from flask import Request, Response

from shared.broker.chosen import chosen_publisher
from shared.broker.circuit_breaker import Circuit, CircuitBreaker
from shared.firestore.connecting import connect
from shared.firestore.database import Database
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, publish_best_effort
from shared.runtime import logs
from shared.runtime.once import once
from shared.runtime.server import configure_server
from shared.runtime.settings import read_settings
from shared.web.after_the_answer import after_the_answer, at_once
from shared.web.responses import answered, not_found
from shared.web.server_problems import replace_pages_of_the_server

from .bcrypt_passwords import BcryptPasswords
from .endpoint import Endpoint
from .firestore_sign_up_requests import FirestoreSignUpRequests
from .firestore_users import FirestoreUsers
from .hash_queue import HASHES_PER_CPU, HashQueue, busy_hash_seconds
from .http_problems import MEANINGS
from .pages import sign_up_pages
from .password_policy import PasswordPolicy
from .request_rate import RequestRate
from .requests_endpoint import RequestsEndpoint
from .settings import ClearOutbox, Settings
from .sign_up_endpoint import SignUpEndpoint
from .verified_endpoint import VerifiedSignUpEndpoint

_settings = read_settings(Settings, os.environ)
logs.configure(_settings.google_cloud_project)
configure_server(os.environ)
functions_framework.errorhandler(HTTPStatus.NOT_FOUND)(partial(not_found, allowed_origins=_settings.cors_origins))
replace_pages_of_the_server()


@functions_framework.http
def create_user(request: Request) -> Response:
    """Steps 1 to 5 of docs/architecture.md: `POST /` signs a user up, where VERIFY_EMAIL asks for it after a link."""
    return answered(
        lambda request, traceparent: _endpoint().answer(request, traceparent),
        request,
        meanings=MEANINGS,
        allowed_origins=_settings.cors_origins,
    )


@once
def _endpoint() -> Endpoint:
    Thread(target=_connect_meanwhile, daemon=True).start()
    sign_up = SignUpEndpoint(
        policy=PasswordPolicy(_settings.password_min_length, _settings.product_name, _settings.password_blocklist),
        passwords=_passwords(),
        users=FirestoreUsers(lambda: _connected().database),
        publish=lambda entry: _connected().publish(entry),
        now=lambda: datetime.now(UTC),
    )
    if not _settings.link_keys or not _settings.verify_email:
        return Endpoint({"/": sign_up})
    requests = RequestsEndpoint(
        rate=RequestRate(a_minute=_settings.sign_ups_a_minute // _settings.max_instances),
        requests=FirestoreSignUpRequests(lambda: _connected().database),
        publish=sign_up.publish,
    )
    return Endpoint(
        {"/": VerifiedSignUpEndpoint(**vars(sign_up), link_keys=_settings.link_keys), "/sign-ups": requests},
        pages=sign_up_pages(_settings.product_name),
    )


class _Connected(NamedTuple):
    """Both, or a request fails before it stores anything."""

    database: Database
    publish: Callable[[Entry], None]


@once
def _connected() -> _Connected:
    database = connect(_settings.google_cloud_project)
    publish = partial(
        publish_best_effort,
        publisher=CircuitBreaker(chosen_publisher(_settings), Circuit()),
        outbox=FirestoreOutbox(lambda: database),
        later=after_the_answer if _settings.clear_outbox is ClearOutbox.AFTER else at_once,
    )
    return _Connected(database, publish)


def _connect_meanwhile() -> None:
    """While the first request hashes. What fails here fails again where it is needed, and is reported there."""
    with suppress(Exception):
        _connected()


def _passwords() -> BcryptPasswords:
    queue = HashQueue(
        parallel=HASHES_PER_CPU * _settings.hash_cpus,
        longest_wait_seconds=_settings.hash_queue_seconds,
        expected_hash_seconds=busy_hash_seconds(_settings.bcrypt_rounds),
    )
    return BcryptPasswords(_settings.password_peppers, rounds=_settings.bcrypt_rounds, queue=queue)
