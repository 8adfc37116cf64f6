"""Sign-ups, and repeats of them under their keys, that meet two revisions side by side while a pepper is rotated."""

from itertools import pairwise, product

import pytest

from create_user.bcrypt_passwords import BcryptPasswords
from create_user.hash_queue import HashQueue
from create_user.registration import Registration, UnverifiableError, register_user
from shared.events.event import UserId
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import NOW, TRACEPARENT, a_new_user
from testkit.fakes import Users

OLD, NEW = "1:" + "o" * 32, "2:" + "n" * 32
IN_TWO_STEPS = [[OLD], [NEW, OLD], [OLD, NEW]]
USER_ID = UserId("0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60")


class Revision:
    """An instance of create_user with these lines of PASSWORD_PEPPERS, on a store that others share."""

    def __init__(self, peppers: list[str], users: Users) -> None:
        queue = HashQueue(parallel=1, longest_wait_seconds=10, expected_hash_seconds=0.05)
        self._passwords = BcryptPasswords(VersionedSecrets.parse("\n".join(peppers)), rounds=4, queue=queue)
        self._users = users

    def sign_up(self) -> Registration:
        return register_user(
            a_new_user(),
            USER_ID,
            passwords=self._passwords,
            users=self._users,
            publish=lambda _: None,
            now=lambda: NOW,
            traceparent=TRACEPARENT,
        )


@pytest.mark.parametrize(
    ("first", "repeated"), [order for step in pairwise(IN_TWO_STEPS) for order in product(step, repeat=2)]
)
def test_no_repeat_notices_a_rotation_in_two_steps(first: list[str], repeated: list[str]) -> None:
    users = Users()
    registration = Revision(first, users).sign_up()

    assert Revision(repeated, users).sign_up() == registration
    assert len(users.stored) == 1


def test_repeat_that_meets_a_revision_without_the_new_pepper_is_to_come_again_and_succeeds_elsewhere() -> None:
    users = Users()
    older, newer = Revision([OLD], users), Revision([OLD, NEW], users)
    registration = newer.sign_up()

    with pytest.raises(UnverifiableError):
        older.sign_up()

    assert newer.sign_up() == registration


def test_new_hashes_are_made_under_the_new_pepper_from_the_second_step_on() -> None:
    versions = []
    for peppers in IN_TWO_STEPS:
        users = Users()
        Revision(peppers, users).sign_up()
        versions.append(users.stored[USER_ID].password_hash.pepper_version)

    assert versions == ["1", "1", "2"]
