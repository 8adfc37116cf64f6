"""`down` asks before it takes anything away, and goes no further while events wait."""

import re
import subprocess
from argparse import Namespace
from collections.abc import Callable

import httpx
import pytest

from blueprint.topology import read_topology
from deploy.cloud import UnreadableError
from deploy.down import REFUSED, down
from deploy.losing import topics_command
from deploy.settings import Given, everything_of
from deploy.step import Step
from deploy.steps import outer_steps
from tests.deploy.fake_google.state import State
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_answers import AT, OURS, FakeAnswers, job, service, subscription
from tests.unit.deploy.fake_counts import EARLIER, FakeCounts
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.plans import PROJECT, REGION, all_steps
from tests.unit.deploy.printed import printed

EVERYTHING = everything_of(Given(project=PROJECT, region=REGION), read_topology())
ENTRANCE = {step.sentence for step in outer_steps(EVERYTHING) if step.undo}


@pytest.fixture
def project() -> FakeProject:
    """A project that was deployed to."""
    steps = all_steps(EVERYTHING)
    topics = "\n".join(f"{name},user.created" for name in ("send-email", "notify-admin", "user.created.dead-letter"))
    return FakeProject(steps, {step.sentence: None for step in steps}, answers={topics_command(EVERYTHING): topics})


@pytest.fixture
def counts() -> FakeCounts:
    return FakeCounts({"send-email": 0, "notify-admin": 0, "user.created.dead-letter": 0})


def left_of(project: FakeProject) -> list[Step]:
    return [step for step in project.steps if step.undo and step.sentence in project.made]


def test_where_nothing_waits_all_but_data_is_taken_away(project: FakeProject, counts: FakeCounts) -> None:
    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    assert code == 0
    assert {step.holds_data for step in left_of(project)} == {True}


@pytest.mark.parametrize(
    ("name", "named"),
    [("send-email", "send-email"), ("user.created.dead-letter", "dead letters (user.created.dead-letter)")],
)
def test_while_an_event_waits_only_the_entrance_is_closed(
    name: str, named: str, project: FakeProject, counts: FakeCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(project.made)
    counts.undelivered[name] = 3

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    assert code == REFUSED
    assert before - project.made.keys() == ENTRANCE
    assert f"  {named}: 3\n" in capsys.readouterr().out


def test_event_that_leaves_the_outbox_after_monitoring_has_counted_is_counted(
    project: FakeProject, counts: FakeCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.outbox.append(EARLIER)
    counts.relays_after_count = True

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    assert code == REFUSED
    assert "outbox: 1" in capsys.readouterr().out


def test_counts_from_before_the_outbox_was_empty_are_waited_out(
    project: FakeProject, counts: FakeCounts, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.undelivered["send-email"] = 1
    counts.old += [dict.fromkeys(counts.undelivered, 0)] * 2

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    assert code == REFUSED
    assert "send-email: 1" in capsys.readouterr().out
    assert clock.pauses == [10, 10]


def test_count_that_stays_unknown_is_taken_neither_for_none_nor_for_some(
    project: FakeProject, counts: FakeCounts, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.undelivered.clear()

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    said = capsys.readouterr().out
    assert code == REFUSED
    assert "Whether events are still waiting is not known: Cloud Monitoring has no count" in said
    assert "  send-email: not yet known\n" in said
    assert f"https://console.cloud.google.com/cloudpubsub/subscription/list?project={PROJECT}\n" in said
    assert "Events are still waiting" not in said
    assert clock.monotonic() == 360


@pytest.mark.parametrize("waiting", ["an event", "an outbox entry"])
def test_one_event_that_waits_is_enough_to_know(
    waiting: str, project: FakeProject, counts: FakeCounts, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.undelivered = {"send-email": 1} if waiting == "an event" else {}
    counts.outbox += [] if waiting == "an event" else [EARLIER]

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    said = capsys.readouterr().out
    assert code == REFUSED
    assert "Events are still waiting:" in said
    assert "user.created.dead-letter): not yet known" in said
    assert "not known:" not in said
    assert clock.monotonic() == (360 if waiting == "an event" else 0)


def test_events_and_data_are_dropped_when_told(
    project: FakeProject, counts: FakeCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.outbox.append(EARLIER)
    told = flags(yes=True, drop_events=True, drop_data=True)

    code = down(told, EVERYTHING, run=project.run, transport=FakeAnswers(counts=counts).transport())

    assert code == 0
    assert left_of(project) == []
    assert "gcloud firestore backups list" in capsys.readouterr().out.splitlines()[-1]


def test_without_a_terminal_yes_has_to_be_said(
    project: FakeProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)

    code = down(flags(), EVERYTHING, run=project.run)

    assert code == REFUSED
    assert "--yes" in capsys.readouterr().out
    assert project.journal == []


@pytest.mark.parametrize(
    ("answer", "agrees"), [("n", False), ("", False), ("yes please", False), (None, False), ("y", True), (" Y ", True)]
)
def test_no_answer_but_y_takes_anything_away(
    answer: str | None, *, agrees: bool, project: FakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(_prompt: str) -> str:
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", ask)

    code = down(flags(drop_events=True), EVERYTHING, run=project.run, transport=FakeAnswers().transport())

    assert code == (0 if agrees else REFUSED)
    assert bool(project.journal) == agrees


@pytest.mark.parametrize(("drop_data", "said"), [(False, "users and secrets are kept"), (True, "THE WHOLE DATABASE")])
def test_question_says_what_becomes_of_the_data(
    *, drop_data: bool, said: str, project: FakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "n"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", ask)

    down(flags(drop_data=drop_data), EVERYTHING, run=project.run)

    [question] = asked
    assert said in question
    assert PROJECT in question
    assert project.journal == []


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (
            lambda state: state.services.update(a=service("create-user", "us-central1", **OURS)),
            (
                "Usher is in us-central1 (service create-user), not in europe-west1, and a project holds one. Use"
                " --region us-central1; to move it, run `down` there first: users and secrets are kept."
            ),
        ),
        (
            lambda state: state.jobs.update(a=job("audit"), b=job("audit", "us-central1")),
            (
                "Usher is in us-central1 (job audit) as well as here, and a project holds one. Delete it there first:\n"
                f"  gcloud scheduler jobs delete audit --location=us-central1 {AT}"
            ),
        ),
        (
            lambda state: state.services.update(a=service("audit")),
            (
                "The service audit is not Usher's: it has no label app=usher. Look at it, then delete it or use another"
                f" project:\n  gcloud run services describe audit --region={REGION} {AT}\nIf it is Usher's, say so:\n"
                f"  gcloud run services update audit --region={REGION} --update-labels=app=usher {AT}"
            ),
        ),
        (
            lambda state: state.subscriptions.update(a=subscription("notify-admin", on="orders")),
            (
                "The subscription notify-admin is on the topic orders, not on user.created, and cannot be moved."
                " Look at it, then delete it or use another project:\n"
                f"  gcloud pubsub subscriptions describe notify-admin {AT}"
            ),
        ),
    ],
    ids=["mistyped region", "second region", "service of others", "subscription of others"],
)
@pytest.mark.parametrize("drop_events", [False, True])
def test_usher_elsewhere_and_things_of_others_are_named_and_nothing_is_removed(
    plant: Callable[[State], None],
    said: str,
    *,
    drop_events: bool,
    google: FakeAnswers,
    project: FakeProject,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant(google.state)
    before = dict(project.made)

    code = down(flags(yes=True, drop_events=drop_events), EVERYTHING, run=project.run, transport=google.transport())

    assert code == REFUSED
    assert capsys.readouterr().out == f"Nothing was removed.\n{said}\n"
    assert project.made == before
    assert len(project.journal) == 1  # the login


def test_own_subscription_whose_topic_is_gone_is_removed(
    google: FakeAnswers, project: FakeProject, counts: FakeCounts
) -> None:
    google.state.subscriptions["send-email"] = subscription("send-email", on="_deleted-topic_", **OURS)
    google.counts = counts

    assert down(flags(yes=True), EVERYTHING, run=project.run, transport=google.transport()) == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(403, json={"error": {"message": "denied"}}), r"run\.googleapis\.com said 403: denied"),
        (httpx.Response(502, text="<html>"), r"run\.googleapis\.com said 502: Bad Gateway"),
        (httpx.Response(200, json={"items": [], "unreachable": ["us-east1"]}), "us-east1"),
    ],
    ids=["refused", "no JSON", "a silent region"],
)
def test_regions_that_are_not_known_are_not_taken_for_empty_ones(
    answer: httpx.Response, said: str, google: FakeAnswers, project: FakeProject
) -> None:
    google.refused["run.googleapis.com"] = answer

    with pytest.raises(UnreadableError, match=f"Google did not say which Cloud Run services there are: {said}"):
        down(flags(yes=True), EVERYTHING, run=project.run, transport=google.transport())

    assert len(project.journal) == 1


@pytest.mark.parametrize(("regions", "goes_on"), [(f"{REGION}\n{REGION}", True), ("", True), ("us-central1", False)])
def test_script_of_down_looks_for_usher_elsewhere_first(regions: str, *, goes_on: bool) -> None:
    script = printed("down", f"--project={PROJECT}", f"--region={REGION}", "--dry-run", "--drop-events")
    standing_in = f"gcloud() {{ [[ $* == *list* ]] && printf '%s' '{regions}' || echo undone; }}"
    lines = re.sub(r"(?ms)^gcloud\(\) \{.*?^\}", lambda _: standing_in, script)

    done = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, check=False)

    assert done.returncode == (0 if goes_on else REFUSED)
    assert ("undone" in done.stdout) == goes_on
    assert done.stderr == ("" if goes_on else "Nothing was removed. Usher is in:\nus-central1\n")


def test_everything_that_up_may_make_is_undone() -> None:
    created = [step for step in all_steps(EVERYTHING) if {"create", "deploy"} & set(step.command)]

    assert [step.sentence for step in created if not step.undo] == [
        "Make sure that Pub/Sub has an account of its own in the project"
    ]


def flags(*, yes: bool = False, drop_data: bool = False, drop_events: bool = False) -> Namespace:
    return Namespace(dry_run=False, yes=yes, drop_data=drop_data, drop_events=drop_events)
