"""The entry points create_user and relay_outbox. They wire, and decide nothing."""

import os
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from time import monotonic

import functions_framework
from flask import Request, Response, after_this_request, request
from google.cloud.firestore import Client
from google.pubsub_v1 import PublisherClient
from werkzeug.exceptions import NotFound

from shared.runtime import logs, tracing
from shared.events.event import Event, UserId
from shared.runtime.once import once
from shared.runtime.settings import read_settings

from shared.outbox import outbox
from .bcrypt_passwords import BcryptPasswords
from .concealment import UnverifiedRepeats, register_or_remind
from shared.outbox.firestore_outbox import FirestoreOutbox
from .firestore_users import FirestoreUsers
from .fixed_time import ending_at_multiples_of
from .hash_queue import HASHES_A_CPU, HashQueue, typical_hash_seconds
from .http_request import EXAMPLE, check_target, nothing_here, read_members, read_user_id
from shared.web.responses import answered, json_response, preflight
from .password_policy import PasswordPolicy
from shared.broker.pubsub_publisher import PubsubPublisher
from .registration import Passwords, register_user, user_created
from .settings import PublishingSettings, RelaySettings, Settings
from .sign_up_form import read_sign_up
from .user import NewUser, User


@functions_framework.http
def create_user(request: Request) -> Response:
    """Steps 1 to 5 of docs/architecture.md: `POST /` signs a user up."""
    return answered(_create_user, request, allowed_origins=_settings().cors_origins)


def _create_user(request: Request, traceparent: str) -> Response:
    if request.method == "OPTIONS" and request.path == "/":
        return preflight()
    started = monotonic()
    check_target(request, body=EXAMPLE)
    new_user = read_sign_up(read_members(request), _policy())
    register = partial(_register, new_user, traceparent=traceparent, started=started)
    if not _settings().conceal_existing_accounts:
        return json_response(asdict(register(read_user_id(request))), HTTPStatus.CREATED)
    user_id = read_user_id(request, address=new_user.email)
    # From now on: a caller who lets the body dribble in must not choose when the work begins.
    with ending_at_multiples_of(_settings().concealed_answer_seconds):
        register_or_remind(
            partial(register, user_id),
            users=FirestoreUsers(_firestore()),
            publish=_publish,
            now=_now,
            traceparent=traceparent,
        )
    return json_response({"status": "accepted"}, HTTPStatus.ACCEPTED)


def _register(new_user: NewUser, user_id: UserId, *, traceparent: str, started: float) -> User:
    user = register_user(
        new_user,
        user_id,
        passwords=_passwords(),
        users=FirestoreUsers(_firestore()),
        publish=_publish,
        now=_now,
        traceparent=traceparent,
    )
    latency_ms = round((monotonic() - started) * 1000)
    event_id = user_created(user, traceparent).event_id
    logs.info("user_registered", user_id=user.id, event_id=event_id, latency_ms=latency_ms, **tracing.step_times())
    return user


def _publish(event: Event) -> None:
    outbox.publish_best_effort(event, _publisher(), FirestoreOutbox(_firestore()), later=_later())


def _later() -> outbox.Later:
    """Where existing accounts are concealed, work after the answer would tell who listens to the connection's end."""
    return _at_once if _settings().conceal_existing_accounts else _after_the_answer


def _at_once(work: Callable[[], None]) -> None:
    work()


def _after_the_answer(work: Callable[[], None]) -> None:
    """Run `work` in the request's trace and thread, once its answer is sent. A server that stops waits for it."""
    context = copy_context()

    def run() -> None:
        try:
            context.run(work)
        except Exception:  # noqa: BLE001  the edge: the server would print its text
            context.run(logs.error, "request_failed", code="internal")

    @after_this_request
    def attach(response: Response) -> Response:
        response.call_on_close(run)
        return response


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


@functions_framework.errorhandler(HTTPStatus.NOT_FOUND)  # type: ignore[untyped-decorator]  # set at start
def not_found(_: NotFound) -> Response:
    """The answer to `/robots.txt` and `/favicon.ico`, which the framework keeps from its functions."""
    settings = _publishing_settings()
    return answered(
        nothing_here, request, allowed_origins=settings.cors_origins if isinstance(settings, Settings) else ()
    )


@once
def _settings() -> Settings:
    return read_settings(Settings, os.environ)


@once
def _relay_settings() -> RelaySettings:
    return read_settings(RelaySettings, os.environ)


def _publishing_settings() -> PublishingSettings:
    return _relay_settings() if os.environ.get("FUNCTION_TARGET") == "relay_outbox" else _settings()


def _policy() -> PasswordPolicy:
    settings = _settings()
    return PasswordPolicy(settings.password_min_length, settings.product_name, settings.password_blocklist)


@once
def _passwords() -> Passwords:
    settings = _settings()
    queue = HashQueue(
        parallel=HASHES_A_CPU * (os.cpu_count() or 1),
        longest_wait_seconds=settings.hash_queue_seconds,
        typical_hash_seconds=HASHES_A_CPU * typical_hash_seconds(settings.bcrypt_rounds),
    )
    passwords = BcryptPasswords(settings.password_peppers, rounds=settings.bcrypt_rounds, queue=queue)
    return UnverifiedRepeats(passwords) if settings.conceal_existing_accounts else passwords


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
