"""Runs one case: a scenario in a project of its own, with or without a crash, until everything is quiet."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs

from google.cloud.firestore import Client

from proofs.acts import Case
from proofs.launched_function import LaunchedFunction, launcher
from proofs.promises import Left, Sent, acceptance_is_unrecorded, broken_promises, event_id_of
from proofs.scenarios import Scenario
from shared.contract.documents import (
    DELIVERIES,
    EMAIL_RESERVATIONS,
    MALFORMED_EVENTS,
    OUTBOX,
    SIGN_UP_REQUESTS,
    USERS,
    delivery_id,
    parts_of_delivery_id,
)
from shared.outbox.outbox import OutboxUnavailableError
from testkit.brokers.running_nats import RunningNats
from testkit.canary import leaks
from testkit.http_server import HttpScript, Received, http_serving
from testkit.inbox import Inbox
from testkit.links import link_in
from testkit.mail_server import MailServer, event_id_in
from testkit.polling import eventually
from testkit.project import Project
from testkit.signing_up import an_address
from testkit.stack import LocalStack

_NOBODY = "127.0.0.1:1"
_DEADLINE_SECONDS = 40
_SHORTEST_POLL_SECONDS = 0.3


@dataclass(frozen=True)
class Result:
    """How a case ended; `broken` says which promises did not hold, and is empty."""

    scenario: Scenario
    crash_at: str | None
    moments: Sequence[str]
    mails: int
    ending: str
    broken: Sequence[str]


def run_case(stack: LocalStack, mail_server: MailServer, scenario: Scenario, *, crash_at: str | None) -> Result:
    """Run `scenario`, have its function crash at the moment, and see what is left once all is quiet."""
    with ExitStack() as cleanup:
        file = Path(cleanup.enter_context(TemporaryDirectory()), "moments")
        file.touch()
        project = Project(stack)
        cleanup.callback(project.close)
        sms_service = cleanup.enter_context(http_serving(HttpScript()))
        settings = {
            "GOOGLE_CLOUD_PROJECT": project.id,
            "SMTP_PORT": mail_server.address.rpartition(":")[2],
            "SMS_BASE_URL": f"http://127.0.0.1:{sms_service.port}",
            **(stack.broker.settings_at(_NOBODY) if scenario.is_cut_off else {}),
            **scenario.settings,
        }
        crashing = ["--moments", str(file), *(["--crash-at", crash_at] if crash_at else [])]
        if scenario.function == "pusher":
            function = LaunchedFunction(stack, "send_email", settings)
        else:
            launched_by = launcher("crashing_function.py", *crashing)
            function = LaunchedFunction(stack, scenario.function, settings, launched_by=launched_by)
        cleanup.callback(function.kill)
        case = Case(function.url, project, f"{scenario.address_prefix}{an_address()}")
        deliveries = project.firestore
        if scenario.function == "pusher":
            _push_crashing(stack, project, function.url, crashing, scenario)
        elif scenario.function == scenario.subscriber:
            project.push_events_to(function.url)
        else:  # the stack's own sends the mail, to the stack's own inbox
            project.push_events_to(stack.send_email_url)
            deliveries = Client(project=stack.project)
        function.wait_until_ready()
        scenario.arrange(case)
        if scenario.function == "create_user":  # what was arranged goes on after its answer
            assert eventually(lambda: not project.documents(OUTBOX))
        passed = _whole_points(file)

        def look() -> Left:
            moments = _lines(file)[len(passed) :]
            sent = [*_mails(stack, mail_server, case.address), *map(_sms, sms_service.requests)]
            return _look(case, deliveries, scenario=scenario, moments=moments, sent=sent)

        def is_over() -> bool:
            return project.is_quiet(since=0) and _is_over(_lines(file), crash_at)

        scenario.act(case)
        if scenario.is_given_up:
            assert eventually(is_over, seconds=_DEADLINE_SECONDS)
            _redrive(project, function.url)
        left = _wait_until_quiet(project, look, lambda left: left.is_quiet and _is_over(left.moments, crash_at))
        broken = [*broken_promises(case, left), *(f"I4: {line}" for line in leaks(function.log_lines()))]
    if crash_at and crash_at not in left.moments:
        broken.append(f"{crash_at} was never reached")
    # on a busy machine a reply may come too late: that is an unknown outcome too
    is_unknown = any(record["unknown_outcomes"] for record in left.records.values())
    if left.mails > 1 and not (is_unknown or acceptance_is_unrecorded(left.moments, crash_at)):
        broken.append(f"I3: {left.mails} mails, though the first was recorded or never accepted")
    return Result(scenario, crash_at, left.moments, left.mails, left.ending, broken)


def _push_crashing(stack: LocalStack, project: Project, url: str, crashing: Sequence[str], scenario: Scenario) -> None:
    """Push to the function at `url`, or to nobody where the event is to be given up, with a pusher that crashes."""
    assert isinstance(stack.broker, RunningNats)
    options = {"PUSH_MAX_DELIVERY_ATTEMPTS": "1"} if scenario.is_given_up else {}
    endpoint = f"http://{_NOBODY}/" if scenario.is_given_up else url
    launched_by = launcher("crashing_pusher.py", *crashing)
    stack.broker.push_events_of(project.id, endpoint, launched_by=launched_by, **options)


def _redrive(project: Project, url: str) -> None:
    """Put the dead letters of an event that was given up on the topic again; it is pushed to the function at `url`."""
    project.push_events_to(url)
    for letter in project.take_dead_letters():
        project.publish_message(letter)


def _is_over(moments: Sequence[str], crash_at: str | None) -> bool:
    """Whether the function has passed them all: what others see of an effect may come before its `after`."""
    return crash_at in moments if crash_at else len(moments) % 2 == 0


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()


def _whole_points(file: Path) -> list[str]:
    """The moments passed. A caller has its answer a little before the reply's `after` is written."""
    eventually(lambda: len(_lines(file)) % 2 == 0)
    return _lines(file)


def _mails(stack: LocalStack, mail_server: MailServer, address: str) -> Iterator[Sent]:
    for received in Inbox(stack.ui_url).mails_to(address):
        yield Sent(event_id_in(received["Message-ID"]), link_in(received))
    for mail in mail_server.mails_to(address):
        yield Sent(mail.event_id, mail.link)


def _sms(request: Received) -> Sent:
    """Its text ends with the user's id."""
    return Sent(event_id_of(parse_qs(request.body.decode())["Body"][0].split()[-1]))


def _look(case: Case, deliveries: Client, *, scenario: Scenario, moments: Sequence[str], sent: Sequence[Sent]) -> Left:
    project = case.project
    users = project.documents(USERS)
    # A request's event is known by its mail or, where the subscriber's records are the case's own, by its record.
    recorded = {parts_of_delivery_id(each)[1] for each in project.documents(DELIVERIES)}
    event_ids = recorded | {each.event_id for each in sent} | set(map(event_id_of, users))
    references = [deliveries.document(DELIVERIES, delivery_id(scenario.subscriber, each)) for each in event_ids]
    found = deliveries.get_all(references) if references else []
    records = {parts_of_delivery_id(each.id)[1]: each.to_dict() for each in found}
    return Left(
        scenario=scenario,
        moments=moments,
        users=users,
        reservations=project.documents(EMAIL_RESERVATIONS),
        outbox=project.documents(OUTBOX),
        malformed=project.documents(MALFORMED_EVENTS),
        counted=sum(request["mails"] for request in project.documents(SIGN_UP_REQUESTS).values()),
        records={event_id: record for event_id, record in records.items() if record},
        sent=sent,
    )


def _wait_until_quiet(project: Project, look: Callable[[], Left], is_settled: Callable[[Left], bool]) -> Left:
    """Leave everything alone, but for the relay, until nothing changes any more; the last look if that never comes."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    left, since = look(), time.monotonic()
    while time.monotonic() < deadline and not (is_settled(left) and project.is_quiet(since=since)):
        time.sleep(max(_SHORTEST_POLL_SECONDS, project.quiet_seconds / 2))  # a look asks for every collection
        with suppress(OutboxUnavailableError):  # an emulator that pauses: the next turn relays
            project.relay()
        seen = look()
        if seen != left:
            left, since = seen, time.monotonic()
    return left
