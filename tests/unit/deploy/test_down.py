"""`down` asks before it takes anything away, and goes no further while events wait."""

from argparse import Namespace

import pytest

from blueprint.topology import read_topology
from deploy.down import REFUSED, down
from deploy.settings import Given, everything_of
from deploy.step import Step
from deploy.steps import outer_steps
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_counts import EARLIER, FakeCounts
from tests.unit.deploy.fake_project import FakeProject
from tests.unit.deploy.plans import PROJECT, REGION, all_steps

EVERYTHING = everything_of(Given(project=PROJECT, region=REGION), read_topology())
ENTRANCE = {step.sentence for step in outer_steps(EVERYTHING) if step.undo}


@pytest.fixture
def project() -> FakeProject:
    """A project that was deployed to."""
    steps = all_steps(EVERYTHING)
    return FakeProject(steps, {step.sentence: None for step in steps})


@pytest.fixture
def counts() -> FakeCounts:
    return FakeCounts({"send-email": 0, "notify-admin": 0, "user.created.dead-letter": 0})


def left_of(project: FakeProject) -> list[Step]:
    return [step for step in project.steps if step.undo and step.sentence in project.made]


def test_where_nothing_waits_all_but_data_is_taken_away(project: FakeProject, counts: FakeCounts) -> None:
    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=counts.transport())

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

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=counts.transport())

    assert code == REFUSED
    assert before - project.made.keys() == ENTRANCE
    assert f"  {named}: 3\n" in capsys.readouterr().out


def test_event_that_leaves_the_outbox_after_monitoring_has_counted_is_counted(
    project: FakeProject, counts: FakeCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.outbox.append(EARLIER)
    counts.relays_after_count = True

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=counts.transport())

    assert code == REFUSED
    assert "outbox: 1" in capsys.readouterr().out


def test_counts_from_before_the_outbox_was_empty_are_waited_out(
    project: FakeProject, counts: FakeCounts, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.undelivered["send-email"] = 1
    counts.old += [dict.fromkeys(counts.undelivered, 0)] * 2

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=counts.transport())

    assert code == REFUSED
    assert "send-email: 1" in capsys.readouterr().out
    assert clock.pauses == [10, 10]


def test_count_that_stays_unknown_is_not_taken_for_none(
    project: FakeProject, counts: FakeCounts, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.undelivered.clear()

    code = down(flags(yes=True), EVERYTHING, run=project.run, transport=counts.transport())

    assert code == REFUSED
    assert "send-email: not yet known" in capsys.readouterr().out
    assert clock.monotonic() == 360


def test_events_and_data_are_dropped_when_told(
    project: FakeProject, counts: FakeCounts, capsys: pytest.CaptureFixture[str]
) -> None:
    counts.outbox.append(EARLIER)
    told = flags(yes=True, drop_events=True, drop_data=True)

    code = down(told, EVERYTHING, run=project.run, transport=counts.transport())

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

    code = down(flags(drop_events=True), EVERYTHING, run=project.run)

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


def test_everything_that_up_may_make_is_undone() -> None:
    created = [step for step in all_steps(EVERYTHING) if {"create", "deploy"} & set(step.command)]

    assert [step.sentence for step in created if not step.undo] == [
        "Make sure that Pub/Sub has an account of its own in the project"
    ]


def flags(*, yes: bool = False, drop_data: bool = False, drop_events: bool = False) -> Namespace:
    return Namespace(dry_run=False, yes=yes, drop_data=drop_data, drop_events=drop_events)
