"""What a function is doing when it crashes: how things stood before, and what it is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from proofs.acts import (
    Act,
    HolderDiedError,
    ask,
    ask_for_link,
    finish,
    leave_event_in_outbox,
    let_another_take_the_address,
    let_another_use_the_link,
    publish,
    publish_after,
    publish_malformed_event,
    publish_request,
    publish_request_too_late,
    relay_on_schedule,
    until_answered,
)
from shared.contract.delivery_state import DeliveryState
from shared.deliveries.delivery import NotDeliveredError
from testkit.mail_server import GREYLISTED_PREFIX, REFUSED_PREFIX


@dataclass(frozen=True, eq=False)
class Scenario:
    """
    `act` is what the crash falls into; `arrange` happens before it, in the same instance.

    It ends, with and without a crash, with `answer` to the caller, the delivery in `state`, and so many events kept as
    `malformed`. `takeovers` is how many the record counts when nothing crashes. The function `is_cut_off` from the
    broker, which the relay that runs afterwards reaches. An event that `is_given_up` is redriven afterwards. Where
    another user holds the address, it `is_taken`. Its mail is a user's, unless it `is_of_request`: of one for a link.
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
    is_taken: bool = False
    is_of_request: bool = False

    @property
    def subscriber(self) -> str:
        """Whose delivery it is about; where no subscriber crashes, the mail's."""
        return self.function if self.function == "notify_admin" else "send_email"


_CLEARED_BEFORE = {"CLEAR_OUTBOX": "before"}  # as in the cloud; the others run as on the local stack
_NO_GRACE = {"OUTBOX_GRACE_SECONDS": "0"}
_SHORT_LEASE = {"LEASE_SECONDS": "3", "SMTP_DEADLINE_SECONDS": "2.5", "SMS_DEADLINE_SECONDS": "2.5"}
_MAILBOX_FIRST = {"VERIFY_EMAIL": "true"}

BROKER_IS_DOWN = Scenario("create_user", "broker is down", until_answered(ask), is_cut_off=True)
EVENT_LEFT = Scenario(
    "relay_outbox", "event left in the outbox", relay_on_schedule, leave_event_in_outbox, settings=_NO_GRACE
)

SCENARIOS = [
    Scenario("create_user", "first attempt", until_answered(ask)),
    Scenario("create_user", "first attempt, caller gives up", ask),
    Scenario("create_user", "cleared before the response, caller gives up", ask, settings=_CLEARED_BEFORE),
    Scenario("create_user", "repeated request", until_answered(ask), ask),
    Scenario("create_user", "repeated request, caller gives up", ask, ask),
    BROKER_IS_DOWN,
    Scenario(
        "create_user",
        "address taken",
        until_answered(ask),
        let_another_take_the_address,
        answer=HTTPStatus.CONFLICT,
        is_taken=True,
    ),
    EVENT_LEFT,
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

# With VERIFY_EMAIL=true a link is requested, mailed and used.
_requested = partial(Scenario, "create_user", settings=_MAILBOX_FIRST, answer=HTTPStatus.ACCEPTED, is_of_request=True)
_mailed = partial(Scenario, "send_email", settings=_SHORT_LEASE, is_of_request=True)
_used = partial(Scenario, "create_user", settings=_MAILBOX_FIRST)
MAILBOX_FIRST_SCENARIOS = [
    _requested("link requested", until_answered(ask_for_link)),
    _requested("link requested, caller gives up", ask_for_link),
    _requested("link requested, address taken", until_answered(ask_for_link), let_another_use_the_link, is_taken=True),
    _requested("link requested again", until_answered(ask_for_link), ask_for_link),
    _mailed("link mailed", publish_request),
    _mailed("link about to end", publish_request_too_late, state=DeliveryState.UNDELIVERABLE),
    _used("link used", until_answered(finish)),
    _used("link used, caller gives up", finish),
    _used("link used again", until_answered(finish), finish),
    _used(
        "link used, address taken",
        until_answered(finish),
        let_another_use_the_link,
        answer=HTTPStatus.CONFLICT,
        is_taken=True,
    ),
]

# On NATS a program of ours pushes. It is the one that crashes; send_email is well.
PUSHER_SCENARIOS = [
    Scenario("pusher", "first push", publish, settings=_SHORT_LEASE),
    Scenario("pusher", "push answered 503", publish, settings=_SHORT_LEASE, address_prefix=GREYLISTED_PREFIX),
    Scenario("pusher", "event given up", publish, settings=_SHORT_LEASE, is_given_up=True),
]
