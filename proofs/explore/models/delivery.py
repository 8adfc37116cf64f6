"""An event's way from the outbox to its mail: the relay and a push."""

from datetime import timedelta

from werkzeug.exceptions import ServiceUnavailable

from proofs.explore.messages import Copy
from proofs.explore.models.outside import OUTBOX, cold_publisher
from proofs.explore.replay import Call, ask, wall_clock
from proofs.explore.world import Mail
from relay_outbox.relay import relay_outbox
from send_email.links import sign_up_link
from shared.deliveries.deliver_once import Lease
from shared.deliveries.delivery import Attempt
from shared.deliveries.firestore_subscriber import FirestoreSubscriber
from shared.deliveries.subscriber import Acts
from shared.events.event import Event
from shared.events.message import Message
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated
from shared.outbox.outbox import OutboxUnavailableError
from shared.runtime.versioned_secrets import VersionedSecrets

SUBSCRIBER = "send_email"
LINK_KEYS = VersionedSecrets.parse(f"1:{'k' * 32}")


def relay() -> str:
    try:
        relay_outbox(OUTBOX, cold_publisher(), grace=timedelta(0), budget_seconds=60, now=wall_clock)
    except OutboxUnavailableError:
        return "503"
    return "200"


def _mail(event: Event, _attempt: Attempt, *, link: str = "") -> None:
    mail = Mail(event.event_id, event.type, event.email, event.occurred_at, link)
    ask(Call("mail", ("mail", mail), changes=True))


def _mail_link(event: SignUpRequested, attempt: Attempt) -> None:
    _, _, token = sign_up_link(event, url="", keys=LINK_KEYS, at=attempt.claimed_at).partition("#")
    _mail(event, attempt, link=token)


_ACTS: Acts = {UserCreated: _mail, SignUpRequested: _mail_link, SignUpRepeated: _mail}


def push() -> str:
    """A push of some message that is on the topic: what is raised nacks it."""
    subscriber = FirestoreSubscriber(
        SUBSCRIBER, _ACTS, effect="mail", project="p", lease=Lease(seconds=45, act_seconds=30), now=wall_clock
    )
    copy: Copy = ask(Call("receive", ("receive",)))
    try:
        subscriber.handle(Message(copy.data, dict(copy.attributes)))
    except ServiceUnavailable:
        return "nack"
    ask(Call("acknowledge", ("acknowledge", copy), changes=True))
    return "ack"
