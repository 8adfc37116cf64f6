"""What create_user reads from its environment."""

import os
import re
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated

from msgspec import Meta, field

from shared.broker.settings import PublishingSettings
from shared.runtime.settings import SettingsError

from .hash_queue import busy_hash_seconds
from .password_blocklist import PasswordBlocklist
from .peppers import Peppers

_STORE_SECONDS = 0.3  # the calls of a concealed sign-up: a generous estimate


class ClearOutbox(StrEnum):
    """When the outbox entry of a published event is cleared, seen from the response."""

    BEFORE = "before"
    AFTER = "after"


class Origins(frozenset[str]):
    """
    Web origins, separated by blanks: `https://example.com http://127.0.0.1:8088`.

    Each as browsers send it, since anything else would never match: https://www.rfc-editor.org/rfc/rfc6454#section-6.2
    """

    _ORIGIN = re.compile(
        r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:]+\])(:(?P<port>[1-9][0-9]{0,4}))?"
    )
    _IP_ADDRESS = re.compile(r"\[.*\]|(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")  # what browsers take for one
    _DEFAULT_PORTS = frozenset([("http", 80), ("https", 443)])

    @classmethod
    def parse(cls, text: str) -> "Origins":
        """
        Read the origins.

        Raises:
            ValueError: One of them is not as a browser would send it, or stands for more than one origin.
        """
        origins = text.split()
        if not all(map(cls._is_sent_by_browsers, origins)):
            raise ValueError(
                "must be origins as browsers send them, separated by blanks, like `https://example.com "
                "http://127.0.0.1:8088`: in lower case, without a path or a slash at the end, without the scheme's own "
                "port, international names as xn--, IP addresses in their usual form; neither * nor null"
            )
        return cls(origins)

    @classmethod
    def _is_sent_by_browsers(cls, text: str) -> bool:
        if not (origin := cls._ORIGIN.fullmatch(text)):
            return False
        scheme, host, port = origin["scheme"], origin["host"], int(origin["port"] or 0)
        if cls._IP_ADDRESS.fullmatch(host) and not _is_usual_form(host.strip("[]")):
            return False
        return port < 2**16 and (scheme, port) not in cls._DEFAULT_PORTS


def _is_usual_form(address: str) -> bool:
    with suppress(ValueError):
        return str(ip_address(address)) == address
    return False


class Settings(PublishingSettings, frozen=True, kw_only=True):
    """The publisher's settings, and those of a sign-up."""

    password_peppers: Peppers
    """
    One `VERSION:SECRET` per line, each secret of at least 32 bytes. New passwords are hashed under the last.

    How to rotate: docs/operate.md.
    """
    bcrypt_rounds: Annotated[int, Meta(ge=10, le=16)] = 12
    """The cost of a hash. Each further round doubles the time; below 10, a stolen hash is cheap to guess."""
    password_min_length: Annotated[int, Meta(ge=8, le=64)] = 15
    """The fewest characters that a password may have."""
    password_blocklist: PasswordBlocklist = field(default_factory=PasswordBlocklist.common)
    """A UTF-8 text file of common passwords, one per line, in place of the built-in list."""
    product_name: str = "Usher"
    """The service's name, which no password may consist of."""
    hash_cpus: Annotated[int, Meta(ge=1, le=256)] = field(default_factory=lambda: os.cpu_count() or 1)
    """
    How many CPUs hash passwords, two at once on each.

    By default all that the machine shows, which in a container may be its host's; the deployment says how many.
    """
    hash_queue_seconds: Annotated[float, Meta(ge=0, le=12)] = 10
    """A sign-up that would wait longer than this for its hash gets a 503 immediately."""
    clear_outbox: ClearOutbox = ClearOutbox.BEFORE
    """
    Whether the outbox entry of a published event is cleared before the response or after it.

    After it is faster, and for places where the CPU stays. Concealed sign-ups clear theirs before it.
    """
    cors_origins: Origins = Origins()
    """The origins whose pages may call, separated by blanks and written as browsers send them."""
    conceal_existing_accounts: bool = False
    """Whether a new and an existing address get the same response at the same time."""
    concealed_answer_seconds: Annotated[float, Meta(gt=0, le=10)] = 1
    """
    When concealed sign-ups are answered, counted from their arrival.

    Must exceed what a sign-up takes at its 99.9th percentile, since a slower one is answered later. A value too short
    for a hash that shares its CPU with another is refused: it would conceal nothing.
    """

    def __post_init__(self) -> None:
        shortest = busy_hash_seconds(self.bcrypt_rounds) + _STORE_SECONDS
        if self.conceal_existing_accounts and self.concealed_answer_seconds < shortest:
            raise SettingsError(
                f"CONCEALED_ANSWER_SECONDS: must be at least {shortest:g} with BCRYPT_ROUNDS={self.bcrypt_rounds} "
                f"(got {self.concealed_answer_seconds:g})"
            )
