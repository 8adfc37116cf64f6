"""Hashes passwords: bcrypt(base64(HMAC-SHA-384(pepper, NFC(password))))."""

import base64
import hmac
import unicodedata

import bcrypt

from shared.runtime.versioned_secrets import VersionedSecrets

from .hash_queue import HashQueue
from .registration import UnverifiableError
from .user import PasswordHash

_SCHEME = "bcrypt-hmac-sha384"


class BcryptPasswords:
    """
    Passwords under a pepper.

    The HMAC is there because bcrypt reads 72 bytes only, and because a stolen database without the pepper is useless.
    A new hash is made under the current pepper; an old one is verified under its own. The passwords are those that the
    policy has accepted: it bounds what NFC costs.
    """

    def __init__(self, peppers: VersionedSecrets, *, rounds: int, queue: HashQueue) -> None:
        self._peppers = peppers
        self._rounds = rounds
        self._queue = queue

    def hash(self, password: str) -> PasswordHash:
        version = self._peppers.current
        peppered = self._peppered(password, version)
        hashed = self._queue.run(lambda: bcrypt.hashpw(peppered, bcrypt.gensalt(self._rounds)))
        return PasswordHash(scheme=_SCHEME, hash=hashed.decode(), rounds=self._rounds, pepper_version=version)

    def verify(self, password: str, password_hash: PasswordHash) -> bool:
        """
        Whether this is the password, in constant time.

        Raises:
            UnverifiableError: The scheme or the pepper's version is not one of ours.
        """
        if password_hash.scheme != _SCHEME or password_hash.pepper_version not in self._peppers:
            raise UnverifiableError
        peppered = self._peppered(password, password_hash.pepper_version)
        return self._queue.run(lambda: bcrypt.checkpw(peppered, password_hash.hash.encode()))

    def _peppered(self, password: str, version: str) -> bytes:
        normalised = unicodedata.normalize("NFC", password).encode()
        return base64.b64encode(hmac.digest(self._peppers[version], normalised, "sha384"))
