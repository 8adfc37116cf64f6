"""The command line of a redrive: what it accepts, what it says, how it ends."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.api_core.exceptions import ServiceUnavailable

from blueprint.gcloud import GcloudError
from blueprint.topology import EventTopics
from deploy.cli import main
from operations.redrive.command import add_arguments, redrive
from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import Outcome, Selection
from operations.redrive.system import EMULATORS, EmulatorHosts, System, gcloud_login

USER_ID = "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"
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
        ("--after", USER_ID),
        ("--after", USER_ID, "--undeliverable"),
        ("--after", USER_ID, "--from-users", "--id", USER_ID),
        ("--after", "../outbox/x", "--from-users"),
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


def test_nats_that_is_down_stops_it_with_a_sentence_that_holds_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.brokers.nats._CALL_SECONDS", 0.2)
    said: list[str] = []

    code = redrive(
        parse(),
        project="usher",
        emulators=replace(NOWHERE, nats_url="nats://usher:hunter2@127.0.0.1:1"),
        say=said.append,
    )

    assert code == 1
    assert said == ["Stopped: NATS: TimeoutError\nNothing is lost: run it again."]


@pytest.mark.parametrize("end", [None, ServiceUnavailable("no answer"), KeyboardInterrupt()])  # type: ignore[no-untyped-call]  # the library's gap
@pytest.mark.parametrize("what", ["", " this dry run"])
def test_it_says_where_to_continue_however_it_ends(end: BaseException | None, what: str) -> None:
    def reads(_system: System, selection: Selection) -> Iterator[Outcome]:
        selection.reached(USER_ID)
        yield Outcome(("one",))
        if end:
            raise end

    said: list[str] = []
    with suppress(KeyboardInterrupt):
        run_with(reads, said=said, dry_run=bool(what))

    assert said[-1] == f"Users were read up to {USER_ID}: continue{what} with --after {USER_ID}"


@pytest.mark.parametrize(("topic", "used"), [(None, "user.created"), ("of.a.stack", "of.a.stack")])
def test_events_go_to_the_topic_of_topology_toml_unless_a_stack_has_another(
    topic: str | None, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics: list[str] = []

    def look(_project: str, found: EventTopics, _emulators: EmulatorHosts) -> System:
        topics.append(found.topic)
        raise ServiceUnavailable("no answer")  # type: ignore[no-untyped-call]  # the library's gap

    monkeypatch.setattr("operations.redrive.command.connect", look)
    redrive(parse(), project="usher", emulators=NOWHERE, topic=topic)

    assert topics == [used]


def test_without_a_login_it_says_what_gcloud_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcloud = tmp_path / "gcloud"
    gcloud.write_text("#!/bin/sh\necho 'Please run gcloud auth login' >&2\nexit 1\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GcloudError, match="Please run gcloud auth login"):
        redrive(parse(), project="usher")


def test_gcloud_is_asked_for_another_token_before_the_first_can_have_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcloud = tmp_path / "gcloud"
    gcloud.write_text(f"#!/bin/sh\necho x >> {tmp_path}/calls\necho token-$(wc -l < {tmp_path}/calls)\n")
    gcloud.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    login = gcloud_login("usher")

    def headers() -> dict[str, str]:
        sent: dict[str, str] = {}
        login.before_request(None, "POST", "https://firestore.googleapis.com/", sent)  # type: ignore[no-untyped-call]  # the library's gap
        return sent

    assert [headers()["authorization"] for _ in range(2)] == ["Bearer token-1"] * 2
    login.expiry = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=3)  # as if five of eight had passed
    assert [headers()["authorization"] for _ in range(2)] == ["Bearer token-2"] * 2
    assert headers()["x-goog-user-project"] == "usher"


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


def run_with(kind: object, *, said: list[str] | None = None, **changes: object) -> tuple[int, list[str]]:
    said = [] if said is None else said
    arguments = Namespace(**vars(parse()) | {"kind": kind} | changes)
    return redrive(arguments, project="usher", emulators=NOWHERE, say=said.append), said
