"""How the steps are walked: what is called, in which order, what is waited for, and where it stops."""

from dataclasses import replace

import pytest

from blueprint.gcloud import Command, GcloudError
from deploy.settings import SettingsError
from deploy.step import Payload, Step
from deploy.walk import Walk
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_project import FakeProject, Names, filled_by_names
from tests.unit.deploy.plans import ALERT_EMAIL, SMS, SMTP_PASSWORD, all_steps, deployment

STEPS = all_steps(deployment(**SMS), SMTP_PASSWORD=SMTP_PASSWORD, SMS_AUTH_TOKEN="a-token")
# The same command as that of the first version.
SECOND_VERSIONS = [step for step in STEPS if "if another was given" in step.sentence]
MAY_FAIL = {filled_by_names(step, part) for step in STEPS if step.may_fail for part in ("check", "command", "update")}


@pytest.fixture
def project() -> FakeProject:
    return FakeProject(STEPS)


def up(project: FakeProject) -> str:
    shown: list[str] = []
    Walk(project.run, shown.append).up(project.steps)
    return "".join(shown)


def down(project: FakeProject, *, drop_data: bool = False) -> str:
    shown: list[str] = []
    Walk(project.run, shown.append).down(project.steps, drop_data=drop_data)
    return "".join(shown)


def test_first_up_calls_the_command_of_each_step_once_and_in_order(project: FakeProject) -> None:
    shown = up(project)

    steps = [step for step in STEPS if step.command and step not in SECOND_VERSIONS]
    assert project.changes() == [filled_by_names(step, "command") for step in steps]
    assert [line.partition("]")[0] for line in shown.splitlines()] == [
        f"[{number}/{len(STEPS)}" for number in range(1, len(STEPS) + 1)
    ]


def test_second_up_repeats_only_what_cannot_be_looked_up_and_updates(project: FakeProject) -> None:
    up(project)
    before = dict(project.made)
    project.journal.clear()

    shown = up(project)

    steps = [step for step in STEPS if step.command and (step.update or step.refusal or not step.check)]
    assert project.changes() == [filled_by_names(step, "update" if step.update else "command") for step in steps]
    etag = project.made.keys() & {"Create the dashboard"}  # an update names the version that it replaces
    assert {**project.made, **dict.fromkeys(etag)} == {**before, **dict.fromkeys(etag)}
    assert shown.count("updated (") == len([step for step in STEPS if step.command and step.update])


def test_up_after_a_fault_at_any_command_ends_where_an_undisturbed_one_does(project: FakeProject) -> None:
    up(project)

    for place, command in enumerate(project.journal):
        disturbed = FakeProject(STEPS, faults={place: "RESOURCE_EXHAUSTED: Quota exceeded"})
        if command in MAY_FAIL:
            assert "iam-admin/quotas" in up(disturbed)
        else:
            with pytest.raises(GcloudError, match="iam-admin/quotas"):
                up(disturbed)
            assert len(disturbed.journal) == place + 1
        up(disturbed)

        assert disturbed.made.keys() == project.made.keys()
        assert sum(command[1:4] == ("secrets", "versions", "add") for command in disturbed.journal) == 3 + (
            project.journal[place][1:4] == ("secrets", "versions", "add")
        )


def test_down_undoes_all_but_data_from_the_last_step_to_the_first(project: FakeProject) -> None:
    up(project)
    project.journal.clear()

    down(project)

    undone = [step for step in reversed(STEPS) if step.undo and not step.holds_data]
    assert project.changes() == [filled_by_names(step, "undo") for step in undone]
    assert not {step.sentence for step in undone} & project.made.keys()


def test_down_is_repeatable_and_takes_data_when_told(project: FakeProject) -> None:
    up(project)
    down(project)

    again = down(project, drop_data=True)

    data = [step.sentence for step in STEPS if step.holds_data]
    assert not set(data) & project.made.keys()
    assert again.count("gone (") == len(data) + again.count("already gone")
    assert again.count("already gone") == len([step for step in STEPS if step.undo]) - len(data)


def test_down_takes_away_each_of_two_with_one_name() -> None:
    """Alerts of the same display name, after two deployments at once."""
    step = Step("Alert", ("create",), check=("list",), undo=("delete", "${FOUND}"))
    journal: list[Command] = []

    def run(command: Command, _payload: str | None) -> str:
        journal.append(command)
        return "one\ntwo" if command == step.check else ""

    Walk(run, lambda _text: None).down([step], drop_data=False)

    assert journal == [("list",), ("delete", "one"), ("delete", "two")]


def test_failure_is_shown_at_the_end_of_the_steps_line(project: FakeProject) -> None:
    project.faults[0] = "PERMISSION_DENIED"
    shown: list[str] = []

    with pytest.raises(GcloudError):
        Walk(project.run, shown.append).up(STEPS)

    assert "".join(shown) == f"[1/{len(STEPS)}] {STEPS[0].sentence} ... FAILED\n"


def test_down_stops_at_any_failure_but_what_is_gone_already(project: FakeProject) -> None:
    project.faults[0] = "PERMISSION_DENIED"

    with pytest.raises(GcloudError):
        down(project)

    assert len(project.journal) == 1


def test_check_that_fails_is_not_taken_for_nothing_there() -> None:
    project = FakeProject([Step("Create x", ("create",), check=("list",))], faults={0: "Max retries exceeded"})

    with pytest.raises(GcloudError, match="list"):
        up(project)

    assert project.made == {}


@pytest.mark.parametrize(
    ("sentence", "said", "seconds"),
    [
        ("Create the account that builds", "ABORTED", 300),
        ("Alert: Usher: the outbox does not empty", "Cannot find metric that matches type", 720),
    ],
)
def test_command_is_repeated_at_longer_and_longer_pauses_while_there_is_hope(
    sentence: str, said: str, seconds: int, clock: Clock
) -> None:
    (step,) = [replace(step, may_fail=False) for step in STEPS if sentence in step.sentence]
    project = FakeProject([step], faults=dict.fromkeys(range(1, 100), said))

    with pytest.raises(GcloudError):
        Walk(project.run, lambda _text: None, variables=Names()).up([step])

    assert clock.pauses[:5] == [2, 4, 8, 16, 30]
    assert set(clock.pauses[5:]) == {30}
    assert seconds - 30 < clock.monotonic() <= seconds


def test_what_is_refused_is_said_and_nothing_further_is_done(project: FakeProject) -> None:
    steps = [Step("Make sure of x", check=("list",), there="x", refusal="First y."), Step("Create z", ("create",))]
    project = FakeProject(steps, made={"Make sure of x": None})

    with pytest.raises(SettingsError, match=r"First y\."):
        up(project)

    assert project.journal == [("list",)]


def test_payload_is_read_only_for_the_command_that_takes_it() -> None:
    step = Step("Store x", ("add",), check=("list",), fills="X_VERSION", payload=Payload(lambda _found: "a secret", ""))
    project = FakeProject([step])

    up(project)

    assert project.made == {"Store x": "a secret"}
    assert project.journal == [("list",), ("add",)]


@pytest.mark.parametrize("made", [True, False], ids=["it is there", "it is made"])
def test_variable_takes_what_the_check_or_the_command_prints(*, made: bool) -> None:
    step = Step("Store x", ("add",), check=("list",), fills="X_VERSION")
    using = Step("Use x", ("use", "${X_VERSION}"))
    project = FakeProject([step, using], made={"Store x": None} if made else {})

    up(project)

    assert project.journal[-1] == ("use", "the-X_VERSION")


def test_no_command_holds_a_secret_or_a_persons_address(project: FakeProject) -> None:
    up(project)

    payloads = [payload for payload in project.made.values() if payload]
    pepper = next(payload for payload in payloads if payload.startswith("1:"))
    assert len(pepper) > 32
    secrets = {SMTP_PASSWORD, "a-token", pepper}
    assert secrets <= set(payloads)
    assert any(ALERT_EMAIL in payload for payload in payloads)
    unsaid = {*secrets, ALERT_EMAIL}
    assert not [word for command in project.journal for word in command for each in unsaid if each in word]


def test_question_that_steps_share_is_asked_once(project: FakeProject) -> None:
    up(project)

    questions = [command for command in project.journal if command not in project.changes()]
    assert (
        len(questions) == len(set[Command](questions)) == len({filled_by_names(s, "check") for s in STEPS if s.check})
    )
