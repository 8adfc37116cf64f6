"""What gcloud says where it fails: is it waited for, what is advised, what counts as gone."""

from dataclasses import replace

import pytest

from blueprint.gcloud import Command, GcloudError
from deploy.cli import main
from deploy.step import Step
from deploy.walk import Walk
from tests.gcloud_messages import ALREADY_THERE, GONE, SAID, Said
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_project import FakeProject, Names, filled_by_names
from tests.unit.deploy.plans import all_steps, deployment
from tests.unit.deploy.printed import PLACE

WAITED_FOR = {name: said for name, said in SAID.items() if said.waited_for}
ADVISED = {name: said for name, said in SAID.items() if said.advice}
STEPS = all_steps(deployment(), SMTP_PASSWORD="a-password")


def stopped_or_done(said: Said, *, times: int) -> tuple[FakeProject, Step, str]:
    """The step, where gcloud says this so many times, and how it ends: the message, or nothing."""
    (step,) = [replace(step, may_fail=False) for step in STEPS if said.step in step.sentence]
    asked = len(step.check[:1])
    project = FakeProject([step], faults=dict.fromkeys(range(asked, asked + times), said.text))
    try:
        Walk(project.run, lambda _text: None, variables=Names()).up([step])
    except GcloudError as error:
        return project, step, str(error)
    return project, step, ""


@pytest.mark.parametrize("said", WAITED_FOR.values(), ids=WAITED_FOR)
def test_what_passes_is_waited_for(said: Said, clock: Clock) -> None:
    project, step, message = stopped_or_done(said, times=1)

    assert message == ""
    assert step.sentence in project.made
    assert clock.pauses == [said.first_pause_seconds]


@pytest.mark.parametrize("said", ADVISED.values(), ids=ADVISED)
def test_what_does_not_pass_stops_with_the_advice_that_fits(said: Said, clock: Clock) -> None:
    project, step, message = stopped_or_done(said, times=99)

    command, *words, advice = message.splitlines()
    assert command.startswith("failed: gcloud ")
    assert "\n".join(words) == said.text
    assert said.advice in advice
    assert step.sentence not in project.made
    assert bool(clock.pauses) == said.waited_for


def test_what_may_be_a_lack_of_permission_is_waited_for_two_minutes(clock: Clock) -> None:
    stopped_or_done(SAID["an account not yet known, or a permission that is lacking"], times=99)

    assert 90 < clock.monotonic() <= 120


@pytest.mark.parametrize(("sentence", "text"), ALREADY_THERE.items(), ids=ALREADY_THERE)
def test_what_another_run_has_just_created_is_there(sentence: str, text: str, clock: Clock) -> None:
    (step,) = [step for step in STEPS if sentence in step.sentence]
    project = FakeProject([step], faults={1: text})
    shown: list[str] = []

    Walk(project.run, shown.append, variables=Names()).up([step])

    assert project.changes() == [filled_by_names(step, part) for part in ("command", "update") if getattr(step, part)]
    assert "".join(shown).partition(" ... ")[2].startswith("updated" if step.update else "already done")
    assert clock.pauses == []


def test_each_kind_of_thing_has_words_for_its_being_there() -> None:
    created = [step for step in STEPS if "create" in step.command and step.there]

    assert {verb(step.command) for step in created if not step.may_fail} <= {
        verb(step.command) for step in created for part in ALREADY_THERE if part in step.sentence
    }


@pytest.mark.parametrize("project", ["my-billing", "quota-for-connections", "permission-denied"])
def test_names_are_not_taken_for_what_gcloud_says(project: str) -> None:
    said = f"Topic projects/{project}/topics/t is odd. This command is authenticated as billing@quota.example."

    assert GcloudError(("gcloud", f"--project={project}"), said).args[0].endswith(said)


@pytest.mark.parametrize(("sentence", "text"), GONE.items(), ids=GONE)
def test_what_is_gone_already_does_not_fail_down(sentence: str, text: str) -> None:
    (step,) = [step for step in STEPS if sentence in step.sentence]
    shown: list[str] = []

    Walk(FakeProject([step], faults={0: text}).run, shown.append).down([step], drop_data=True)

    assert "already gone" in "".join(shown)


def test_each_kind_of_thing_has_words_for_its_being_gone() -> None:
    undone = [step for step in STEPS if step.undo and "${FOUND}" not in step.undo]

    assert {verb(step.undo) for step in undone} == {
        verb(step.undo) for step in undone for part in GONE if part in step.sentence
    }


def verb(command: Command) -> tuple[str, ...]:
    """`gcloud pubsub topics delete`, of a command that creates or takes away."""
    verbs = ("create", "delete", "delete-cleanup-policies", "remove-iam-policy-binding", "update")
    return command[: 1 + next(place for place, word in enumerate(command) if word in verbs)]


def test_machine_without_gcloud_is_told_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.argv", ["deploy", "status", *PLACE])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == "gcloud is not installed: https://cloud.google.com/sdk/docs/install"
