"""Usher's processes, each the project's own code over the clients of clients.py and messages.py; nothing else runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self, cast
from uuid import NAMESPACE_OID, uuid5

from google.api_core.exceptions import GoogleAPIError
from werkzeug.exceptions import ServiceUnavailable

from create_user.concealment import UnverifiedRepeats, register_or_remind
from create_user.firestore_users import FirestoreUsers
from create_user.registration import (
    EmailTakenError,
    IdempotencyKeyReusedError,
    RegistrationError,
    register_user,
)
from create_user.user import NewUser
from operations.redrive import from_users
from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Selection
from operations.redrive.system import System
from operations.redrive.undeliverable import redrive_undeliverable
from proofs.explore.clients import Client
from proofs.explore.messages import Copy, PublisherClient, SubscriberClient
from proofs.explore.replay import Call, ask, monotonic, unique_id, wall_clock
from relay_outbox import relay as relaying
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.deliveries import deliver_once, firestore_subscriber
from shared.deliveries.deliver_once import Lease
from shared.events import outbox_entry
from shared.events.codec import Encoding
from shared.events.event import Event, UserId
from shared.events.message import Message
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.user_created import UserCreated
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import Entry, OutboxUnavailableError, publish_best_effort
from shared.runtime import logs
from shared.web.after_the_answer import at_once
from testkit.fakes import Passwords

SUBSCRIBER = "send_email"
_CLIENT = cast("Any", Client())
_SYSTEM = System(
    firestore=_CLIENT,
    publisher=cast("Any", PublisherClient()),
    subscriber=cast("Any", SubscriberClient()),
    topic="topic",
    dead_letters="dead-letters",
)
_PUBLISHER = PubsubPublisher(cast("Any", PublisherClient()), "topic", Encoding.JSON)
_USERS = FirestoreUsers(_CLIENT)
_OUTBOX = FirestoreOutbox(_CLIENT)


class _OneAfterTheOther:
    """In place of the relay's threads: what they do to different events does not meet."""

    def __init__(self, _threads: int) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    map = staticmethod(map)


class _Time(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> Any:  # noqa: ARG003  it is UTC
        return wall_clock()


def replace_what_is_outside() -> None:
    """Clocks, chance, threads and logs. A name that the code has no more fails."""
    for module, names in (
        (deliver_once, {"monotonic": monotonic, "uuid4": unique_id, "sleep": lambda _: None}),
        (deliver_once._Record, {"logged": lambda *_: {}}),  # noqa: SLF001  reads clocks for the logs only
        (firestore_subscriber, {"Client": lambda **_: _CLIENT}),
        (relaying, {"ThreadPoolExecutor": _OneAfterTheOther, "monotonic": lambda: 0.0}),
        (outbox_entry, {"uuid4": unique_id}),
        (from_users, {"datetime": _Time}),
        (logs, {name: lambda *_, **__: None for name in ("info", "warning", "error")}),
    ):
        for name, value in names.items():
            assert hasattr(module, name), f"{module.__name__} has no {name} any more"
            setattr(module, name, value)


@dataclass(frozen=True)
class SignUp:
    """A request with an Idempotency-Key, and what follows its answer."""

    key: str = "a key"
    email: str = "ewan@example.com"
    password: str = "plum"
    is_concealed: bool = False

    @property
    def user_id(self) -> UserId:
        return UserId(str(uuid5(NAMESPACE_OID, self.key)))

    def __call__(self) -> str:
        after_the_answer: list[Callable[[], None]] = []
        publish = partial(
            publish_best_effort,
            publisher=_PUBLISHER,
            outbox=_OUTBOX,
            later=at_once if self.is_concealed else after_the_answer.append,
        )
        answer = self._answer(publish)
        for work in after_the_answer:
            work()
        return answer

    def _answer(self, publish: Callable[[Entry], None]) -> str:
        passwords = Passwords()
        register = partial(
            register_user,
            NewUser(name="Ewan", company="", email=self.email, password=self.password),
            self.user_id,
            passwords=UnverifiedRepeats(passwords) if self.is_concealed else passwords,
            users=_USERS,
            publish=publish,
            now=wall_clock,
            traceparent="",
        )
        try:
            if self.is_concealed:
                register_or_remind(register, users=_USERS, publish=publish, now=wall_clock, traceparent="")
                return "202"
            return f"201 {register().user.id}"
        except EmailTakenError:
            return "409"
        except IdempotencyKeyReusedError:
            return "422"
        except RegistrationError:
            return "503"


def relay() -> str:
    try:
        relaying.relay_outbox(_OUTBOX, _PUBLISHER, grace=timedelta(0), budget_seconds=60, now=wall_clock)
    except OutboxUnavailableError:
        return "503"
    return "200"


def _mail(event: Event, _deadline: float) -> None:
    ask(Call("mail", ("mail", event.event_id), changes=True))


_ACTS = {UserCreated: _mail, SignUpRepeated: _mail}


def push() -> str:
    """A push of some message that is on the topic: what is raised nacks it."""
    subscriber = firestore_subscriber.FirestoreSubscriber(
        SUBSCRIBER, _ACTS, effect="mail", project="p", lease=Lease(seconds=45, act_seconds=30), now=wall_clock
    )
    copy: Copy = ask(Call("receive", ("receive",)))
    try:
        subscriber.handle(Message(copy.data, dict(copy.attributes)))
    except ServiceUnavailable:
        return "nack"
    ask(Call("acknowledge", ("acknowledge", copy), changes=True))
    return "ack"


def give_up() -> str:
    """Pub/Sub, after the last attempt."""
    ask(Call("give up", ("give up",)))
    return "done"


def redrive(kind: Any) -> str:
    try:
        outcomes = list(kind(_SYSTEM, Selection(subscribers=frozenset({SUBSCRIBER}))))
    except GoogleAPIError:
        return "stopped"
    return f"{sum(not each.left for each in outcomes)} put back"


REDRIVES = {
    "redrive": redrive_dead_letters,
    "redrive --undeliverable": redrive_undeliverable,
    "redrive --from-users": from_users.redrive_from_users,
    "redrive --malformed": redrive_malformed,
}
