"""The runbook finds the accounts whose address was never proved."""

from dataclasses import replace

import pytest
from google.cloud.firestore import DELETE_FIELD, Client

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from testkit.builders import a_stored_user
from testkit.shell_blocks import run_block, shell_blocks
from testkit.signing_up import an_address


def test_accounts_of_open_mode_and_of_before_are_found_and_no_others(
    firestore_client: Client, firestore_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [a_stored_user(email=an_address()) for _ in range(2)]
    proved = replace(a_stored_user(email=an_address()), email_verified=True)
    for each in (*users, proved):
        FirestoreUsers(firestore_client).add(each, user_created(each.user, traceparent=""))
    _, from_before = (firestore_client.document("users", each.user.id) for each in users)
    from_before.update({"email_verified": DELETE_FIELD})
    [block] = shell_blocks("operate.md", {"my-project": firestore_client.project})
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)

    found = run_block(block).split()

    assert sorted(found) == sorted(each.user.id for each in users)
