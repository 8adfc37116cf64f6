"""The runbook finds the accounts whose address was never proved, and frees such an address."""

from dataclasses import replace

import pytest
from google.cloud.firestore import DELETE_FIELD, Client

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from shared.users.address_key import reservation_id
from testkit.builders import a_stored_user
from testkit.database import database_of
from testkit.shell_blocks import run_block, shell_blocks
from testkit.signing_up import an_address


def test_accounts_of_open_mode_and_of_before_are_found_and_no_others(
    firestore_client: Client, firestore_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [a_stored_user(email=an_address()) for _ in range(2)]
    proved = replace(a_stored_user(email=an_address()), email_verified=True)
    for each in (*users, proved):
        FirestoreUsers(database_of(firestore_client)).add(each, user_created(each.user, traceparent=""))
    _, from_before = (firestore_client.document("users", each.user.id) for each in users)
    from_before.update({"email_verified": DELETE_FIELD})
    placeholders = {"my-project": firestore_client.project, "USER_ID": users[0].user.id}
    listing, freeing = shell_blocks("operate.md", placeholders)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)

    found = run_block(listing).split()
    run_block(freeing)

    assert sorted(found) == sorted(each.user.id for each in users)
    assert run_block(listing).split() == [users[1].user.id]
    reserved = {one.id for one in firestore_client.collection("email_reservations").get()}
    assert reserved == {reservation_id(one.user.email) for one in (users[1], proved)}
