"""What a function is doing when it crashes: how things stood before, and what it is asked to do."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import uuid4

import httpx

from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import Attempt, NotDeliveredError
from shared.events.message import Message
from testkit.mail_server import GREYLISTED_PREFIX, REFUSED_PREFIX
from testkit.project import Project
from testkit.relaying import relay
from testkit.signing_up import members, sign_up

ANOTHER = "Another Canary"  # who holds the address that is taken
_TRIES = 10


@dataclass
class Case:
    """A function at `url`, its project, and a caller who signs up, always with the same body and key."""

    url: str
    project: Project
    body: Mapping[str, object]
    key: str = field(default_factory=lambda: str(uuid4()))
    answers: list[httpx.Response] = field(default_factory=list)  # those that arrived

    @property
    def address(self) -> str:
        return str(self.body["email"])


Act = Callable[[Case], None]


@dataclass(frozen=True, eq=False)
class Scenario:
    """
    `act` is what the crash falls into; `arrange` happens before it, in the same instance.

    It ends, with and without a crash, with `answer` to the caller, the delivery in `state`, and so many events kept as
    `malformed`. `takeovers` is how many the record counts when nothing crashes. The function `is_cut_off` from the
    broker, which the relay that runs afterwards reaches. An event that `is_given_up` is redriven afterwards.
    """

    function: str
    name: str
    act: Act
    arrange: Act = lambda _: None
    settings: Mapping[str, str] = field(default_factory=dict)
    address_prefix: str = ""  # how the mail server is instructed
    takeovers: int = 0
    answer: HTTPStatus = HTTPStatus.CREATED
    state: DeliveryState = DeliveryState.SENT
    malformed: int = 0
    is_cut_off: bool = False
    is_given_up: bool = False

    @property
    def subscriber(self) -> str:
        """Whose delivery it is about; where no subscriber crashes, the mail's."""
        return self.function if self.function == "notify_admin" else "send_email"


def ask(case: Case) -> None:
    """Sign up. The answer may be lost."""
    with suppress(httpx.TransportError):
        case.answers.append(sign_up(case.url, case.body, key=case.key))


def ask_until_answered(case: Case) -> None:
    before = len(case.answers)
    for _ in range(_TRIES):
        ask(case)
        if len(case.answers) > before and case.answers[-1].status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return


def let_another_take_the_address(case: Case) -> None:
    sign_up(case.url, members(email=case.address, name=ANOTHER))


def leave_event_in_outbox(case: Case) -> None:
    case.project.store_user(case.address)


def relay_on_schedule(case: Case) -> None:
    with suppress(httpx.TransportError):
        relay(case.url)


def publish(case: Case) -> None:
    case.project.publish_and_clear(case.project.store_user(case.address))


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


_CLEARED_BEFORE = {"CLEAR_OUTBOX": "before"}  # as in the cloud; the others run as on the local stack
_NO_GRACE = {"OUTBOX_GRACE_SECONDS": "0"}
_SHORT_LEASE = {"LEASE_SECONDS": "3", "SMTP_DEADLINE_SECONDS": "2.5", "SMS_DEADLINE_SECONDS": "2.5"}

SCENARIOS = [
    Scenario("create_user", "first attempt", ask_until_answered),
    Scenario("create_user", "first attempt, caller gives up", ask),
    Scenario("create_user", "cleared before the response, caller gives up", ask, settings=_CLEARED_BEFORE),
    Scenario("create_user", "repeated request", ask_until_answered, ask),
    Scenario("create_user", "repeated request, caller gives up", ask, ask),
    Scenario("create_user", "broker is down", ask_until_answered, is_cut_off=True),
    Scenario(
        "create_user", "address taken", ask_until_answered, let_another_take_the_address, answer=HTTPStatus.CONFLICT
    ),
    Scenario("relay_outbox", "event left in the outbox", relay_on_schedule, leave_event_in_outbox, _NO_GRACE),
    Scenario("send_email", "first attempt", publish, settings=_SHORT_LEASE),
    Scenario("send_email", "retry after 451", publish_after(NotDeliveredError("data_451")), settings=_SHORT_LEASE),
    Scenario("send_email", "takeover of a lease", publish_after(HolderDiedError()), settings=_SHORT_LEASE, takeovers=1),
    Scenario("send_email", "answered 451", publish, settings=_SHORT_LEASE, address_prefix=GREYLISTED_PREFIX),
    Scenario(
        "send_email",
        "answered 550",
        publish,
        settings=_SHORT_LEASE,
        address_prefix=REFUSED_PREFIX,
        state=DeliveryState.UNDELIVERABLE,
    ),
    Scenario("send_email", "malformed event", publish_malformed_event, settings=_SHORT_LEASE, malformed=1),
    Scenario("notify_admin", "first attempt", publish, settings=_SHORT_LEASE),
]

# On NATS a program of ours pushes. It is the one that crashes; send_email is well.
PUSHER_SCENARIOS = [
    Scenario("pusher", "first push", publish, settings=_SHORT_LEASE),
    Scenario("pusher", "push answered 503", publish, settings=_SHORT_LEASE, address_prefix=GREYLISTED_PREFIX),
    Scenario("pusher", "event given up", publish, settings=_SHORT_LEASE, is_given_up=True),
]
