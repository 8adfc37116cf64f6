"""`down` asks before it takes anything away."""

from argparse import Namespace
from collections.abc import Sequence

import pytest

from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.down import REFUSED, down

DEPLOYMENT = Deployment(read_topology(), "demo-project", "europe-west1", {})


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The commands that were run, by somebody at a terminal."""
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], _payload: str | None) -> str:
        commands.append(command)
        return ""

    monkeypatch.setattr("deploy.down.run_gcloud", run)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    return commands


@pytest.mark.parametrize("answer", ["n", "", "yes please"])
def test_any_answer_but_y_changes_nothing(
    answer: str, called: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: answer)

    code = down(flags(), DEPLOYMENT)

    assert code == REFUSED
    assert called == []


def test_end_of_input_changes_nothing(called: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", _ended)

    code = down(flags(), DEPLOYMENT)

    assert code == REFUSED
    assert called == []


@pytest.mark.parametrize("answer", ["y", " Y "])
def test_y_takes_it_away(answer: str, called: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: answer)

    code = down(flags(), DEPLOYMENT)

    assert code == 0
    assert any("delete" in command for command in called)


@pytest.mark.parametrize(("drop_data", "said"), [(False, "users and secrets are kept"), (True, "THE WHOLE DATABASE")])
def test_question_says_what_becomes_of_the_data(
    *, drop_data: bool, said: str, called: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "n"

    monkeypatch.setattr("builtins.input", ask)

    down(flags(drop_data=drop_data), DEPLOYMENT)

    [question] = asked
    assert said in question
    assert "demo-project" in question
    assert called == []


def flags(*, drop_data: bool = False) -> Namespace:
    return Namespace(dry_run=False, yes=False, drop_data=drop_data, drop_events=True)


def _ended(_prompt: str) -> str:
    raise EOFError
