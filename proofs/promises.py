"""What a case left behind, and which of the promises in docs/architecture.md it broke."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from create_user.registration import user_created
from proofs.acts import ANOTHER, KEYS, Case
from proofs.scenarios import Scenario
from shared.contract.delivery_state import FINISHED, DeliveryState
from shared.events.event import UserId
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.links.sign_up_link import LinkError, SignUpLink
from testkit.builders import a_user

_TAKEN = ("after smtp:content", "after sms:request")


@dataclass(frozen=True)
class Sent:
    """A mail, or an SMS as if it were one: whose event it is, and the link in it, if any."""

    event_id: str
    link: str = ""


@dataclass(frozen=True)
class Left:
    """
    `moments` are those that the function passed in the scenario's act; `records` are the subscriber's, by event id, and
    so is what was `sent`. `counted` is how many mails requests for a link have asked for.
    """

    scenario: Scenario
    moments: Sequence[str]
    users: dict[str, dict[str, Any]]
    reservations: dict[str, dict[str, Any]]
    outbox: dict[str, dict[str, Any]]
    malformed: dict[str, dict[str, Any]]
    counted: int
    records: Mapping[str, Mapping[str, Any]]
    sent: Sequence[Sent]

    @property
    def events_of_users(self) -> set[str]:
        return set(map(event_id_of, self.users))

    @property
    def events_of_requests(self) -> set[str]:
        return self.records.keys() - self.events_of_users

    @property
    def mails(self) -> int:
        """How often the event was mailed that the scenario is about."""
        events = self.events_of_requests if self.scenario.is_of_request else self.events_of_users
        return max((count for event_id, count in self.counts.items() if event_id in events), default=0)

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.event_id for each in self.sent)

    @property
    def ending(self) -> str:
        """In the words of the table."""
        if self.malformed:
            return "recorded"
        if any(record["state"] == DeliveryState.UNDELIVERABLE for record in self.records.values()):
            return "undeliverable"
        effect, effects = ("SMS", "SMS") if self.scenario.subscriber == "notify_admin" else ("mail", "mails")
        return {0: "not stored", 1: f"1 {effect}"}.get(self.mails, f"{self.mails} {effects}, counted")

    @property
    def is_quiet(self) -> bool:
        finished = {event_id for event_id, record in self.records.items() if record["state"] in FINISHED}
        is_delivered = self.events_of_users <= finished and len(finished) >= len(self.users) + self.counted
        return not self.outbox and is_delivered and len(self.malformed) >= self.scenario.malformed


def event_id_of(user_id: str) -> str:
    return user_created(a_user(id=UserId(user_id)), traceparent="").event_id


def broken_promises(case: Case, left: Left) -> Iterator[str]:
    yield from _broken_by_what_is_stored(left)
    yield from _broken_by_what_is_delivered(left)
    if dead := case.project.take_dead_letters():
        yield f"I2: {len(dead)} dead letters"
    yield from _broken_by_duplicates(left)
    yield from _broken_by_links(case, left)
    yield from _broken_by_answers(case, left)


def _broken_by_what_is_stored(left: Left) -> Iterator[str]:
    holders = {reservation["user_id"] for reservation in left.reservations.values()}
    if left.users.keys() != holders:
        yield f"I1: users {list(left.users)}, reservations held by {holders}"
    if left.outbox:
        yield f"I1: {len(left.outbox)} events are still in the outbox"
    names = [user["name"] for user in left.users.values()]
    if left.scenario.is_taken and names != [ANOTHER]:
        yield f"I5: the address has not its holder alone: users {list(left.users)}"
    if left.scenario.is_of_request and set(names) - {ANOTHER}:
        yield f"I5: a request for a link has stored users {list(left.users)}"


def _broken_by_what_is_delivered(left: Left) -> Iterator[str]:
    scenario = left.scenario
    for event_id in left.events_of_users | left.events_of_requests:
        record = left.records.get(event_id, {})
        if record.get("state") != scenario.state:
            yield f"I2: the delivery is recorded as {record}"
        if scenario.state is DeliveryState.SENT and not left.counts[event_id]:
            yield "I2: the mail is lost"
    if (events := len(left.events_of_requests)) != left.counted:
        yield f"I2: the mail is lost, or nobody counted it: {left.counted} counted, {events} delivered"
    if len(left.malformed) < scenario.malformed:
        yield "I2: the malformed event is lost"
    if len(left.malformed) > scenario.malformed:
        yield f"I2: {len(left.malformed)} malformed events are recorded"


def _broken_by_duplicates(left: Left) -> Iterator[str]:
    for event_id, mails in left.counts.items():
        record = left.records.get(event_id)
        if record is None:
            yield f"I3: {mails} mails of no event"
            continue
        counted = record["takeovers"] + record["unknown_outcomes"] - left.scenario.takeovers
        if mails > 1 + counted:
            yield f"I3: {mails} mails, and the record does not count the duplicates: {record}"


def _broken_by_links(case: Case, left: Left) -> Iterator[str]:
    """Each duplicate has the same link, which proves the mailbox that it was mailed to; other mails have none."""
    for event_id in left.counts:
        kind = left.records.get(event_id, {}).get("type")
        links = {each.link for each in left.sent if each.event_id == event_id}
        expected = SignUpRepeated.type if left.users else SignUpRequested.type
        if event_id in left.events_of_requests and kind != expected:
            yield f"I2: {kind} is mailed, not {expected}"
        if kind != SignUpRequested.type and links != {""}:
            yield f"I4: a link in a mail of {kind}"
        if kind == SignUpRequested.type and (len(links) > 1 or not all(_proves(link, case.address) for link in links)):
            yield f"I3: {len(links)} links in the mails of one event, or one that does not prove the mailbox"


def _proves(link: str, address: str) -> bool:
    try:
        return SignUpLink.read(link.partition("#")[2], KEYS).address == address
    except LinkError:
        return False


def _broken_by_answers(case: Case, left: Left) -> Iterator[str]:
    answer = left.scenario.answer
    answers = {(each.status_code, each.text) for each in case.answers}
    if len(answers) > 1 or {status for status, _ in answers} - {answer}:
        yield f"I6: the same request was answered {answers}"
    elif answer is HTTPStatus.CREATED and case.answers and {case.answers[0].json()["id"]} != left.users.keys():
        yield f"I6: answered with a user who is not stored, {list(left.users)}"


def acceptance_is_unrecorded(moments: Sequence[str], crash_at: str | None) -> bool:
    """Whether at `crash_at` the server has the whole mail and Firestore does not know: I3's window for a duplicate."""
    if crash_at not in moments:
        return False
    until_crash = moments[: moments.index(crash_at) + 1]
    accepted = [number for number, moment in enumerate(until_crash) if moment.startswith(_TAKEN)]
    return bool(accepted) and not any(moment.startswith("after rpc:") for moment in until_crash[accepted[0] :])
