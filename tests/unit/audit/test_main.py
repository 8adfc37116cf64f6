import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from werkzeug.test import Client

from audit.report import Fault, Finding, Pile, Report
from audit.scope import scheduled_scope
from audit.settings import Settings
from shared.runtime.settings import SettingsError, read_settings
from testkit.entry_points import FUNCTIONS, loaded

MAIN = FUNCTIONS / "audit" / "main.py"
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "AUDITED_SUBSCRIBERS": "send_email=send-email notify_admin=notify-admin?",
    "EVENT_TOPIC": "user.created",
    "DEAD_LETTER_TOPIC": "dead",
    "DEAD_LETTER_SUBSCRIPTION": "dead",
    "ATTEMPTS_SECONDS": "56430",
    "MONITORING_URL": "http://127.0.0.1:1",
}
LOST = Finding(Fault.EVENT_LOST, "u1", "e1", "send_email")


@contextmanager
def auditing(outcome: Report | Exception) -> Iterator[Client]:
    with loaded(MAIN, "audit", ENVIRONMENT) as client, pytest.MonkeyPatch.context() as patches:

        def audit(*_: object, **__: object) -> Report:
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        patches.setattr("main.audit_records", audit)
        yield client


@pytest.mark.parametrize(
    ("report", "severity", "status"),
    [
        (Report(outbox_late_seconds=600, users=7, undeliverable=Pile(1, 9)), "INFO", 0),
        (Report(outbox_late_seconds=600, outbox=Pile(1, 601)), "WARNING", 1),
        (Report(outbox_late_seconds=600, dead_letters=Pile(1, 1)), "WARNING", 1),
        (Report(outbox_late_seconds=600, waiting=2, overdue=1), "WARNING", 1),
        (Report(outbox_late_seconds=600, dead_letters=Pile(1, 1), broken=[LOST]), "ERROR", 2),
    ],
    ids=["kept", "outbox late", "dead letter", "overdue", "broken"],
)
def test_audit_answers_with_its_report_and_logs_it_in_one_line(
    report: Report, severity: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with auditing(report) as client:
        response = client.post("/")

    assert response.json == {"status": status, "report": list(report.lines())}
    [line] = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["message"], line["severity"], line["status"]) == ("promises_audited", severity, status)
    assert line["findings"] == ("event_lost send_email e1" if report.broken else "")


def test_store_that_does_not_answer_is_asked_again_later() -> None:
    with loaded(MAIN, "audit", ENVIRONMENT) as client, pytest.MonkeyPatch.context() as patches:

        def fail(*_: object, **__: object) -> None:
            raise import_module("main.records").RecordsUnavailableError  # as the framework has loaded it

        patches.setattr("main.audit_records", fail)
        response = client.post("/")

    assert response.json
    assert (response.status_code, response.json["code"]) == (503, "unavailable")


@pytest.mark.parametrize("subscribers", ["send_email", "send_email=", "=send-email", "send_email=?"])
def test_wrong_settings_stop_the_start(subscribers: str) -> None:
    wrong = ENVIRONMENT | {"AUDITED_SUBSCRIBERS": subscribers}

    with pytest.raises(SettingsError, match="AUDITED_SUBSCRIBERS"), loaded(MAIN, "audit", wrong):
        pass


def test_scheduled_window_begins_a_day_early_and_reservations_have_their_turn() -> None:
    settings = read_settings(Settings, ENVIRONMENT)

    scopes = [scheduled_scope(settings, datetime(2026, 11, 29, hour, 30, tzinfo=UTC)) for hour in range(24)]

    assert scopes[0].created_from == datetime(2026, 11, 27, 0, 30, tzinfo=UTC)
    assert scopes[0].created_to == datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
    begins = [int(scope.first_reservation, 16) for scope in scopes]
    steps = {(later - earlier) % 16**6 for earlier, later in pairwise(begins)}
    assert {round(step / 16**6 * 720) for step in steps} == {1}
    assert [(each.name, each.optional) for each in settings.audited_subscribers] == [
        ("send_email", False),
        ("notify_admin", True),
    ]


def test_window_ends_before_delivery_records_expire() -> None:
    settings: Any = read_settings(Settings, ENVIRONMENT | {"AUDIT_HOURS": "1920"})
    now = datetime(2026, 11, 29, tzinfo=UTC)

    assert (now - scheduled_scope(settings, now).created_from).days == 80
