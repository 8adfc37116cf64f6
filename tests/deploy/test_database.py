"""The database of users: protected, recoverable and backed up, also where it was there before."""

import pytest

from tests.deploy.conftest import Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.fake_google.state import Json
from tests.deploy.single_steps import Steps

pytestmark = pytest.mark.timeout(300)
DAYS = 24 * 3600
PROTECTED = {
    "deleteProtectionState": "DELETE_PROTECTION_ENABLED",
    "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED",
}
UNPROTECTED = {
    "deleteProtectionState": "DELETE_PROTECTION_DISABLED",
    "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_DISABLED",
}
SCHEDULES = "projects/demo-project/databases/(default)/backupSchedules"
DAILY = {"name": f"{SCHEDULES}/daily", "retention": f"{7 * DAYS}s", "dailyRecurrence": {}}
LONGER = {**DAILY, "retention": f"{98 * DAYS}s"}
WEEKLY = {"name": f"{SCHEDULES}/weekly", "retention": f"{98 * DAYS}s", "weeklyRecurrence": {"day": "SUNDAY"}}


def test_new_database_is_protected_recoverable_and_backed_up_every_day(deployed: Deployed) -> None:
    (creation,) = [call for call in deployed.journal if call.method == "POST" and call.address.endswith("/databases")]

    assert creation.body.items() >= PROTECTED.items()
    assert deployed.state.backup_schedules == {"daily": DAILY}


def test_database_that_was_there_before_becomes_so(deployed_google: FakeGoogle, steps: Steps) -> None:
    database = deployed_google.state.databases["(default)"]
    database |= UNPROTECTED

    for _ in range(2):
        steps.run("Protect the Firestore database")

    assert database.items() >= PROTECTED.items()
    assert [call.method for call in deployed_google.journal].count("PATCH") == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"daily": DAILY}),
        ({"weekly": WEEKLY}, {"weekly": WEEKLY, "daily": DAILY}),
        ({"daily": LONGER}, {"daily": LONGER}),
    ],
    ids=["nothing", "a weekly schedule", "a daily schedule"],
)
def test_schedule_is_added_where_there_is_no_daily_one(
    before: dict[str, Json], after: dict[str, Json], deployed_google: FakeGoogle, steps: Steps
) -> None:
    deployed_google.state.backup_schedules = dict(before)

    steps.run("Back the Firestore database up")

    assert deployed_google.state.backup_schedules == after
