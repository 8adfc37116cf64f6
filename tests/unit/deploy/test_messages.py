"""What gcloud says where it fails: is it waited for, what is advised, what counts as gone."""

import pytest

from blueprint.gcloud import GcloudError
from deploy.cli import main
from deploy.step import Step
from deploy.walk import Walk
from tests.gcloud_messages import GONE, SAID, Said
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_project import FakeProject, Names
from tests.unit.deploy.plans import all_steps, deployment
from tests.unit.deploy.printed import PLACE

STEPS = all_steps(deployment(), SMTP_PASSWORD="a-password")


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_what_passes_is_waited_for_and_all_else_stops_with_advice(said: Said, clock: Clock) -> None:
    (step,) = [step for step in STEPS if said.step in step.sentence]
    project = FakeProject([step], faults={len(step.check[:1]): said.text})
    walk = Walk(project.run, lambda _text: None, variables=Names())

    if said.waited_for:
        walk.up([step])
        assert step.sentence in project.made
    else:
        with pytest.raises(GcloudError) as stopped:
            walk.up([step])
        command, *message, advice = str(stopped.value).splitlines()
        assert command.startswith("failed: gcloud ")
        assert "\n".join(message) == said.text
        assert said.advice in advice
    assert clock.pauses == [2] * said.waited_for


@pytest.mark.parametrize(("sentence", "text"), GONE.items(), ids=GONE)
def test_what_is_gone_already_does_not_fail_down(sentence: str, text: str) -> None:
    (step,) = [step for step in STEPS if sentence in step.sentence]
    shown: list[str] = []

    Walk(FakeProject([step], faults={0: text}).run, shown.append).down([step], drop_data=True)

    assert "already gone" in "".join(shown)


def test_each_kind_of_thing_has_words_for_its_being_gone() -> None:
    undone = [step for step in STEPS if step.undo and "${FOUND}" not in step.undo]

    assert {verb(step) for step in undone} == {verb(step) for step in undone for part in GONE if part in step.sentence}


def verb(step: Step) -> tuple[str, ...]:
    """`gcloud pubsub topics delete`, of the command that undoes it."""
    verbs = ("delete", "remove-iam-policy-binding", "update")
    return step.undo[: 1 + next(place for place, word in enumerate(step.undo) if word in verbs)]


def test_machine_without_gcloud_is_told_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.argv", ["deploy", "status", *PLACE])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == "gcloud is not installed: https://cloud.google.com/sdk/docs/install"
