"""The command line of a redrive: what it accepts, what it says, how it ends."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api_core.exceptions import ServiceUnavailable

from blueprint.gcloud import GcloudError
from deploy.cli import main
from operations.redrive.command import add_arguments, redrive
from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Outcome, Selection
from operations.redrive.system import EMULATORS, EmulatorHosts, System

NOWHERE = EmulatorHosts(firestore="127.0.0.1:1", pubsub="127.0.0.1:1")


def test_dead_letters_are_what_it_puts_back_unless_another_kind_is_asked_for() -> None:
    assert parse().kind is redrive_dead_letters
    assert parse("--malformed").kind is redrive_malformed


@pytest.mark.parametrize(
    "arguments",
    [
        ("--malformed", "--undeliverable"),
        ("--subscriber", "nobody", "--undeliverable"),
        ("--subscriber", "send_email"),
        ("--subscriber", "send_email", "--malformed"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as end:
        redrive(parse(*arguments), project="usher", emulators=NOWHERE)

    assert end.value.code == 2


def test_it_says_what_it_put_back_and_that_nothing_is_left() -> None:
    assert run_over(Outcome(("one",)), Outcome(("two", "also two"))) == (
        0,
        ["one put back", "two put back", "2 put back, 0 left"],
    )


def test_something_left_is_a_failure() -> None:
    assert run_over(Outcome(("one",)), Outcome(("two",), "its reason")) == (
        1,
        ["one put back", "two left: its reason", "1 put back, 1 left"],
    )


def test_an_id_that_was_not_met_is_a_failure() -> None:
    assert run_over(Outcome(("two", "also two")), ids=["also two", "three"]) == (
        1,
        ["two put back", "three not found", "1 put back, 0 left"],
    )


def test_a_dry_run_says_that_nothing_was_done() -> None:
    assert run_over(Outcome(("one",)), Outcome(("two",), "its reason"), dry_run=True) == (
        1,
        ["one would be put back", "two would be left: its reason", "1 would be put back, 1 would be left"],
    )


def test_a_store_that_fails_stops_it_with_a_sentence() -> None:
    def fails(_system: System, _selection: Selection) -> Iterator[Outcome]:
        yield Outcome(("one",))
        raise ServiceUnavailable("no answer")  # type: ignore[no-untyped-call]  # the library's gap

    code, said = run_with(fails)

    assert code == 1
    assert said[0] == "one put back"
    assert said[1].endswith("Nothing is lost: run it again.")


@pytest.mark.parametrize(("topic", "used"), [(None, "user.created"), ("of.a.stack", "of.a.stack")])
def test_events_go_to_the_topic_of_topology_toml_unless_a_stack_has_another(topic: str | None, used: str) -> None:
    topics: list[str] = []

    def look(system: System, _selection: Selection) -> Iterator[Outcome]:
        topics.append(system.topic)
        return iter(())

    redrive(Namespace(**vars(parse()) | {"kind": look}), project="usher", emulators=NOWHERE, topic=topic)

    assert topics == [f"projects/usher/topics/{used}"]


def test_without_a_login_it_says_what_gcloud_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcloud = tmp_path / "gcloud"
    gcloud.write_text("#!/bin/sh\necho 'Please run gcloud auth login' >&2\nexit 1\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GcloudError, match="Please run gcloud auth login"):
        redrive(parse(), project="usher")


@pytest.mark.parametrize("name", EMULATORS)
def test_a_redrive_in_the_cloud_refuses_the_variables_of_the_emulators(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for other in EMULATORS:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["deploy", "redrive", "--project=usher"])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 2
    assert f"unset {name}" in capsys.readouterr().err


def parse(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def run_over(*outcomes: Outcome, ids: list[str] | None = None, dry_run: bool = False) -> tuple[int, list[str]]:
    return run_with(lambda _system, _selection: iter(outcomes), ids=ids or [], dry_run=dry_run)


def run_with(kind: object, **changes: object) -> tuple[int, list[str]]:
    said: list[str] = []
    arguments = Namespace(**vars(parse()) | {"kind": kind} | changes)
    return redrive(arguments, project="usher", emulators=NOWHERE, say=said.append), said
