"""What a case does: how a caller asks, and how events come to be published. A crash falls into one of these."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import httpx

from shared.deliveries.delivery import Attempt
from shared.events.message import Message
from shared.links.sign_up_link import LIFETIME, SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.canary import LINK_KEYS
from testkit.project import Project
from testkit.relaying import relay
from testkit.signing_up import members, members_beside, request_sign_up, sign_up

ANOTHER = "Another Canary"  # who holds the address that is taken
KEYS = VersionedSecrets.parse(LINK_KEYS)
_TRIES = 10
_TOO_LATE = LIFETIME - timedelta(minutes=30)  # after a request: its link is not worth a mail any more


@dataclass
class Case:
    """A function at `url`, its project, and a caller who always sends the same address, key and other members."""

    url: str
    project: Project
    address: str
    key: str = field(default_factory=lambda: str(uuid4()))
    answers: list[httpx.Response] = field(default_factory=list)  # those that arrived
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = SignUpLink.requested_at(datetime.now(UTC), self.address).token(KEYS)


Act = Callable[[Case], None]


def ask(case: Case) -> None:
    """Sign up. The answer may be lost."""
    with suppress(httpx.TransportError):
        case.answers.append(sign_up(case.url, members(email=case.address), key=case.key))


def ask_for_link(case: Case) -> None:
    """Where the mailbox comes first. The answer may be lost."""
    with suppress(httpx.TransportError):
        case.answers.append(request_sign_up(case.url, case.address))


def finish(case: Case) -> None:
    """Sign up with what the link says. The answer may be lost."""
    with suppress(httpx.TransportError):
        case.answers.append(sign_up(case.url, members_beside(case.token), key=case.key))


def until_answered(attempt: Act) -> Act:
    def act(case: Case) -> None:
        before = len(case.answers)
        for _ in range(_TRIES):
            attempt(case)
            if len(case.answers) > before and case.answers[-1].status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                return

    return act


def let_another_take_the_address(case: Case) -> None:
    sign_up(case.url, members(email=case.address, name=ANOTHER))


def let_another_use_the_link(case: Case) -> None:
    sign_up(case.url, members_beside(case.token, name=ANOTHER))


def leave_event_in_outbox(case: Case) -> None:
    case.project.store_user(case.address)


def relay_on_schedule(case: Case) -> None:
    with suppress(httpx.TransportError):
        relay(case.url)


def publish(case: Case) -> None:
    case.project.publish_and_clear(case.project.store_user(case.address))


def publish_request(case: Case) -> None:
    case.project.publish_and_clear(case.project.request_sign_up(case.address))


def publish_request_too_late(case: Case) -> None:
    case.project.publish_and_clear(case.project.request_sign_up(case.address, ago=_TOO_LATE))


def publish_malformed_event(case: Case) -> None:
    case.project.publish_message(Message(b"poison", {"ce-type": "user.created"}))


class HolderDiedError(Exception):
    """An earlier instance ended in the middle of its delivery."""


def publish_after(outcome: Exception) -> Act:
    """Publish an event whose first delivery was attempted before, and ended with `outcome`."""

    def attempt(_attempt: Attempt) -> None:
        raise outcome

    def publish_after_attempt(case: Case) -> None:
        entry = case.project.store_user(case.address)
        with suppress(type(outcome)):
            case.project.attempt_delivery(entry.event, attempt)
        case.project.publish_and_clear(entry)

    return publish_after_attempt
