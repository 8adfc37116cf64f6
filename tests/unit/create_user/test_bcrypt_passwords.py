import base64
import hmac
from dataclasses import replace
from typing import Any

import bcrypt
import pytest

from create_user.bcrypt_passwords import BcryptPasswords
from create_user.hash_queue import HashQueue
from create_user.registration import UnverifiableError
from shared.runtime.versioned_secrets import VersionedSecrets

OLD, NEW = "1:" + "o" * 32, "2:" + "n" * 32


def passwords_under(*peppers: str) -> BcryptPasswords:
    queue = HashQueue(parallel=1, longest_wait_seconds=10, expected_hash_seconds=0.05)
    return BcryptPasswords(VersionedSecrets.parse("\n".join(peppers)), rounds=4, queue=queue)


def test_hash_says_all_that_verifying_takes() -> None:
    password_hash = passwords_under(OLD, NEW).hash("plum tractor")

    assert (password_hash.scheme, password_hash.rounds, password_hash.pepper_version) == ("bcrypt-hmac-sha384", 4, "2")
    assert password_hash.hash.startswith("$2b$04$")


def test_scheme_is_bcrypt_of_the_encoded_hmac() -> None:
    password_hash = passwords_under(OLD).hash("plum tractor")

    peppered = base64.b64encode(hmac.digest(b"o" * 32, b"plum tractor", "sha384"))
    assert bcrypt.checkpw(peppered, password_hash.hash.encode())


@pytest.mark.parametrize("start", ["a" * 255, "\N{SNOWMAN}" * 255, "\N{GRINNING FACE}" * 18, "\0" * 20])
def test_passwords_that_differ_only_in_their_last_character_differ(start: str) -> None:
    passwords = passwords_under(OLD)

    password_hash = passwords.hash(start + "x")

    assert passwords.verify(start + "x", password_hash)
    assert not passwords.verify(start + "y", password_hash)
    assert not passwords.verify(start, password_hash)


def test_forms_of_one_character_are_the_same_password() -> None:
    passwords = passwords_under(OLD)

    assert passwords.verify("u\N{COMBINING DIAERESIS}", passwords.hash("\N{LATIN SMALL LETTER U WITH DIAERESIS}"))


def test_same_password_has_another_hash_each_time() -> None:
    passwords = passwords_under(OLD)

    assert passwords.hash("plum tractor") != passwords.hash("plum tractor")


def test_hash_of_an_older_pepper_is_verified_under_it() -> None:
    of_old_pepper = passwords_under(OLD).hash("plum tractor")

    assert passwords_under(OLD, NEW).verify("plum tractor", of_old_pepper)


def test_other_pepper_of_the_same_version_does_not_verify() -> None:
    password_hash = passwords_under(OLD).hash("plum tractor")

    assert not passwords_under("1:" + "x" * 32).verify("plum tractor", password_hash)


@pytest.mark.parametrize("unknown", [{"pepper_version": "2"}, {"scheme": "argon2id"}])
def test_hash_of_another_pepper_or_scheme_cannot_be_verified(unknown: dict[str, Any]) -> None:
    passwords = passwords_under(OLD)
    password_hash = replace(passwords.hash("plum tractor"), **unknown)

    with pytest.raises(UnverifiableError):
        passwords.verify("plum tractor", password_hash)


def test_hash_shows_in_no_repr() -> None:
    assert "$2b$" not in repr(passwords_under(OLD).hash("plum tractor"))
