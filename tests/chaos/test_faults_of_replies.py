"""The mail server refuses or says nothing at any step; then it is repaired and the event pushed again."""

from collections.abc import Iterator
from email import message_from_bytes

import pytest

from proofs.launched_function import LaunchedFunction
from shared.events.user_created import UserCreated
from testkit.project import Project, emulators_of
from testkit.pushing import an_event, push
from testkit.smtp_server import Misbehaviour, Script, serving
from testkit.stack import LocalStack

LATER = (421, 450, 451, 452)
NEVER = (550, 552, 554)
OPENING = {"greeting", "EHLO", "AUTH"}


class Sender:
    """A send_email and the mail server that it uses."""

    def __init__(self, function: LaunchedFunction, project: Project, server: Script) -> None:
        self._function = function
        self._project = project
        self.server = server

    def push(self, event: UserCreated, **replies: str | Misbehaviour) -> int:
        """Push while the server replies so; the status of the answer."""
        if OPENING & set(replies):
            self.server.hang_up()  # over a connection that is kept nobody is greeted
        self.server.replies = {moment.replace("_", " "): reply for moment, reply in replies.items()}
        return push(self._function.url, event).status_code

    def record(self, event: UserCreated) -> tuple[object, ...]:
        record = self._project.documents("deliveries")[f"send_email.{event.event_id}"]
        return tuple(record[field] for field in ("state", "last_error", "takeovers", "unknown_outcomes"))


@pytest.fixture(scope="module")
def running_sender(stack: LocalStack) -> Iterator[Sender]:
    with emulators_of(stack), serving(Script(extensions=("AUTH PLAIN",))) as server:
        project = Project(stack)
        settings = {
            "GOOGLE_CLOUD_PROJECT": project.id,
            "SMTP_PORT": str(server.port),
            "SMTP_USER": "usher",
            "SMTP_PASSWORD": "canary",
            "SMTP_DEADLINE_SECONDS": "2",
        }
        function = LaunchedFunction(stack, "send_email", settings)
        function.wait_until_ready()
        yield Sender(function, project, server)
        function.kill()
        project.close()


@pytest.fixture
def sender(running_sender: Sender) -> Sender:
    running_sender.server.mails.clear()
    return running_sender


@pytest.mark.parametrize(
    ("step", "code"),
    [
        *(("greeting", code) for code in (421, 554)),
        *(("AUTH", code) for code in (454, 535)),  # 535: the credentials are wrong
        *(("MAIL", code) for code in LATER + NEVER),  # 5xx: our sender is refused
        *((step, code) for step in ("RCPT", "DATA", "end_of_data") for code in LATER),
    ],
)
def test_mail_that_may_be_taken_later_waits_and_is_sent_once_after_the_repair(
    sender: Sender, step: str, code: int
) -> None:
    event = an_event()

    while_refused = sender.push(event, **{step: f"{code} no"})
    state, *_ = sender.record(event)
    sender.server.mails.clear()  # it keeps refused ones too
    repaired = sender.push(event)

    assert (while_refused, state) == (503, "released")
    assert repaired == 200
    assert len(sender.server.mails) == 1
    assert sender.record(event) == ("sent", "", 0, 0)


@pytest.mark.parametrize("step", ["RCPT", "DATA", "end_of_data"])
@pytest.mark.parametrize("code", NEVER)
def test_mail_that_is_refused_for_good_is_recorded_and_not_tried_again(sender: Sender, step: str, code: int) -> None:
    event = an_event()

    refused = sender.push(event, **{step: f"{code} no"})
    sender.server.mails.clear()
    again = sender.push(event)

    command = "rcpt" if step == "RCPT" else "data"
    assert [refused, again] == [200, 200]
    assert sender.server.mails == []
    assert sender.record(event) == ("undeliverable", f"{command}_{code}", 0, 0)


@pytest.mark.parametrize(
    ("step", "misbehaviour"),
    [
        *((step, Misbehaviour.DROP) for step in ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "end_of_data")),
        *((step, Misbehaviour.HANG) for step in ("greeting", "end_of_data")),
        ("RCPT", Misbehaviour.DRIBBLE),
    ],
)
def test_mail_whose_conversation_broke_off_is_sent_after_the_repair_and_a_duplicate_is_counted(
    sender: Sender, step: str, misbehaviour: Misbehaviour
) -> None:
    event = an_event()

    broken_off = sender.push(event, **{step: misbehaviour})
    repaired = sender.push(event)

    outcome_is_unknown = step == "end_of_data"
    message_ids = [message_from_bytes(mail)["Message-ID"] for mail in sender.server.mails]
    assert [broken_off, repaired] == [503, 200]
    assert sender.record(event) == ("sent", "", 0, int(outcome_is_unknown))
    assert message_ids == [f"<{event.event_id}@usher.example>"] * (2 if outcome_is_unknown else 1)
