"""What a case left behind, and which of the promises in docs/architecture.md it broke."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from create_user.registration import user_created
from proofs.scenarios import ANOTHER, Case, Scenario
from shared.contract.delivery_state import FINISHED, DeliveryState
from shared.events.event import UserId
from testkit.builders import a_user

_TAKEN = ("after smtp:content", "after sms:request")


@dataclass(frozen=True)
class Left:
    """
    `moments` are those that the function passed in the scenario's act; `record` is the subscriber's, and so are the
    `message_ids`: an SMS has one too, as if it were a mail.
    """

    subscriber: str
    moments: Sequence[str]
    users: dict[str, dict[str, Any]]
    reservations: dict[str, dict[str, Any]]
    outbox: dict[str, dict[str, Any]]
    malformed: dict[str, dict[str, Any]]
    record: dict[str, Any]
    message_ids: Sequence[str]

    @property
    def mails(self) -> int:
        return len(self.message_ids)

    @property
    def ending(self) -> str:
        """In the words of the table."""
        if self.malformed:
            return "recorded"
        if self.record.get("state") == DeliveryState.UNDELIVERABLE:
            return "undeliverable"
        effect, effects = ("SMS", "SMS") if self.subscriber == "notify_admin" else ("mail", "mails")
        return {0: "not stored", 1: f"1 {effect}"}.get(self.mails, f"{self.mails} {effects}, counted")

    def is_quiet(self, scenario: Scenario) -> bool:
        is_delivered = not self.users or self.record.get("state") in FINISHED
        return not self.outbox and is_delivered and len(self.malformed) >= scenario.malformed


def event_id_of(user_id: str) -> str:
    return user_created(a_user(id=UserId(user_id)), traceparent="").event_id


def broken_promises(scenario: Scenario, case: Case, left: Left) -> Iterator[str]:
    yield from _broken_by_what_is_stored(left)
    yield from _broken_by_what_is_delivered(scenario, left)
    if dead := case.project.take_dead_letters():
        yield f"I2: {len(dead)} dead letters"
    yield from _broken_by_duplicates(scenario, left)
    yield from _broken_by_answers(scenario, case, left)


def _broken_by_what_is_stored(left: Left) -> Iterator[str]:
    holders = {reservation["user_id"] for reservation in left.reservations.values()}
    if left.users.keys() != holders:
        yield f"I1: users {list(left.users)}, reservations held by {holders}"
    if left.outbox:
        yield f"I1: {len(left.outbox)} events are still in the outbox"


def _broken_by_what_is_delivered(scenario: Scenario, left: Left) -> Iterator[str]:
    if left.users and left.record.get("state") != scenario.state:
        yield f"I2: the delivery is recorded as {left.record}"
    if scenario.state is DeliveryState.SENT and left.mails < len(left.users):
        yield "I2: the mail is lost"
    if len(left.malformed) < scenario.malformed:
        yield "I2: the malformed event is lost"
    if len(left.malformed) > scenario.malformed:
        yield f"I2: {len(left.malformed)} malformed events are recorded"


def _broken_by_duplicates(scenario: Scenario, left: Left) -> Iterator[str]:
    counted = left.record.get("takeovers", 0) + left.record.get("unknown_outcomes", 0) - scenario.takeovers
    if left.mails > 1 + counted:
        yield f"I3: {left.mails} mails, and the record does not count the duplicates: {left.record}"
    if not set(left.message_ids) <= {f"<{event_id_of(user_id)}@usher.example>" for user_id in left.users}:
        yield f"I3: Message-IDs {left.message_ids}"


def _broken_by_answers(scenario: Scenario, case: Case, left: Left) -> Iterator[str]:
    answers = {(answer.status_code, answer.text) for answer in case.answers}
    if len(answers) > 1 or {status for status, _ in answers} - {scenario.answer}:
        yield f"I6: the same request was answered {answers}"
    elif scenario.answer is HTTPStatus.CONFLICT:
        if [user["name"] for user in left.users.values()] != [ANOTHER]:
            yield f"I5: the address has not its holder alone: users {list(left.users)}"
    elif case.answers and {case.answers[0].json()["id"]} != left.users.keys():
        yield f"I6: answered with a user who is not stored, {list(left.users)}"


def acceptance_is_unrecorded(moments: Sequence[str], crash_at: str | None) -> bool:
    """Whether at `crash_at` the server has the whole mail and Firestore does not know: I3's window for a duplicate."""
    if crash_at not in moments:
        return False
    until_crash = moments[: moments.index(crash_at) + 1]
    accepted = [number for number, moment in enumerate(until_crash) if moment.startswith(_TAKEN)]
    return bool(accepted) and not any(moment.startswith("after rpc:") for moment in until_crash[accepted[0] :])
