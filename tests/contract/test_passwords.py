import pytest

from create_user.bcrypt_passwords import BcryptPasswords
from create_user.hash_queue import HashQueue
from create_user.registration import Passwords
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit import fakes


@pytest.fixture(params=["fake", "bcrypt"])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    if request.param == "fake":
        return fakes.Passwords()
    queue = HashQueue(parallel=1, longest_wait_seconds=10, expected_hash_seconds=0.05)
    return BcryptPasswords(VersionedSecrets.parse("1:" + "p" * 32), rounds=4, queue=queue)


def test_password_is_verified_against_its_hash(passwords: Passwords) -> None:
    assert passwords.verify("plum tractor", passwords.hash("plum tractor"))


@pytest.mark.parametrize("other", ["", "plum tracto", "plum tractor ", "Plum tractor", "plum tractor" * 20])
def test_other_password_is_not(passwords: Passwords, other: str) -> None:
    assert not passwords.verify(other, passwords.hash("plum tractor"))


def test_forms_of_one_character_are_the_same_password(passwords: Passwords) -> None:
    composed, decomposed = "\N{LATIN SMALL LETTER U WITH DIAERESIS}", "u\N{COMBINING DIAERESIS}"

    assert passwords.verify(decomposed, passwords.hash(composed))


def test_hash_does_not_contain_the_password(passwords: Passwords) -> None:
    assert "plum tractor" not in passwords.hash("plum tractor").hash
