"""The command line of an audit: what it accepts, what it says, how it ends."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import cast

import pytest
from google.cloud.firestore import Client
from requests import Session

from audit.audit import Scope
from audit.records import NoSuchUserError, RecordsUnavailableError, Subscriber
from audit.report import Fault, Finding, Pile, Report
from audit.settings import Settings, Subscribers
from operations.audit.command import add_arguments, audit_and_report
from operations.cli import main

USER_ID = "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60"
SETTINGS = Settings(
    google_cloud_project="p",
    event_topic="user.created",
    audited_subscribers=Subscribers([Subscriber("send_email", "send-email")]),
    dead_letter_topic="dead",
    dead_letter_subscription="dead",
    attempts_seconds=1000,
)


def run(monkeypatch: pytest.MonkeyPatch, outcome: Report | Exception, *options: str) -> tuple[int, list[str], Scope]:
    """Exit status, what was said, and what was in scope."""
    scopes: list[Scope] = []
    said: list[str] = []

    def audit(scope: Scope, *_: object, **__: object) -> Report:
        scopes.append(scope)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr("operations.audit.command.audit", audit)
    parser = ArgumentParser()
    add_arguments(parser)
    client, session = cast("Client", None), cast("Session", None)
    monkeypatch.setattr("operations.audit.command.FirestoreRecords", lambda _: None)
    status = audit_and_report(parser.parse_args(options), SETTINGS, client=client, session=session, say=said.append)
    return status, said, scopes[0]


def test_it_ends_with_the_status_and_says_what_repairs_and_where_it_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = Finding(Fault.EVENT_LOST, USER_ID, "e1", "send_email")
    report = Report(outbox_late_seconds=600, broken=[lost], next_user=USER_ID, unknown_ages=["dead"])

    status, said, _ = run(monkeypatch, report)

    assert status == 2
    assert said[0] == ("BROKEN event_lost send_email e1: redrive --from-users --subscriber send_email --id e1")
    assert f"not all users were read: continue with --after {USER_ID}" in said
    assert [line for line in said if line.startswith("assumed:")]
    assert run(monkeypatch, Report(outbox_late_seconds=600, dead_letters=Pile(1, 5)))[0] == 1
    assert run(monkeypatch, Report(outbox_late_seconds=600))[0] == 0


@pytest.mark.parametrize("failure", [NoSuchUserError(), RecordsUnavailableError()])
def test_what_could_not_be_decided_is_neither_sound_nor_broken(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    assert run(monkeypatch, failure)[0] == 3


def test_window_is_the_last_day_or_what_was_asked_for_and_a_day_more_on_either_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = Report(outbox_late_seconds=600)
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    monkeypatch.setattr("operations.audit.command._now", lambda: now)

    *_, usual = run(monkeypatch, sound)
    *_, asked = run(monkeypatch, sound, "--from", "2026-11-01", "--to", "2026-11-02T12:00+01:00", "--users", "7")
    *_, old = run(monkeypatch, sound, "--from", "2025-01-01", "--after", USER_ID, "--reservations-from", "00ff00")

    assert ((now - usual.created_from).days, (usual.created_to - now).days) == (2, 1)
    assert asked.created_from == datetime(2026, 10, 31, tzinfo=UTC)
    assert asked.created_to == datetime(2026, 11, 3, 11, tzinfo=UTC)
    assert asked.most_users == 7
    assert (now - old.created_from).days == 80
    assert (old.after_user, old.first_reservation, usual.first_reservation) == (USER_ID, "00ff00", "")


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--project", "p", "--users", "0"],
        ["--project", "p", "--from", "yesterday"],
        ["--project", "p", "--after", "../outbox/x"],
        ["--project", "p", "--reservations-from", "../x"],
    ],
)
def test_wrong_usage_does_not_look_like_a_broken_promise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["operations", "audit", *options])

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 3
    assert "error:" in capsys.readouterr().err


def test_cloud_is_not_audited_while_an_emulator_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["operations", "audit", "--project", "p"])
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")

    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 3
    assert "FIRESTORE_EMULATOR_HOST" in capsys.readouterr().err
