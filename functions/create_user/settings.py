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
from shared.runtime.versioned_secrets import VersionedSecrets

from .password_blocklist import PasswordBlocklist


class ClearOutbox(StrEnum):
    """When the outbox entry of a published event is cleared, seen from the response."""

    BEFORE = "before"
    AFTER = "after"


class Gone(str):
    """A setting of earlier versions."""

    __slots__ = ()

    @classmethod
    def parse(cls, _text: str) -> "Gone":
        raise ValueError("is gone: unset it, and set VERIFY_EMAIL=true, which conceals existing accounts by nature")


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

    password_peppers: VersionedSecrets
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
    hash_queue_seconds: Annotated[float, Meta(ge=0, le=11)] = 10
    """A sign-up that would wait longer than this for its hash gets a 503 immediately."""
    clear_outbox: ClearOutbox = ClearOutbox.BEFORE
    """
    Whether the outbox entry of a published event is cleared before the response or after it.

    After it is faster, and for places where the CPU stays.
    """
    cors_origins: Origins = Origins()
    """The origins whose pages may call, separated by blanks and written as browsers send them."""
    verify_email: bool = False
    """Whether the mailbox comes first: name and password are taken only with the token of a link that was mailed."""
    link_keys: VersionedSecrets | None = None
    """
    With `VERIFY_EMAIL`: one `VERSION:SECRET` per line, each secret of at least 32 bytes. A link under any is good.

    How to rotate: docs/operate.md.
    """
    sign_ups_a_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = 600
    """
    With `VERIFY_EMAIL`: how many requests to sign up the whole service takes within a minute. Each may be a mail.

    Every instance takes an equal share, so it must be at least `MAX_INSTANCES`.
    """
    max_instances: Annotated[int, Meta(ge=1, le=10_000)] = 1
    """How many instances share `SIGN_UPS_A_MINUTE`. The deployment says how many."""
    conceal_existing_accounts: Gone = Gone()
    """Gone, and refused: `VERIFY_EMAIL=true` conceals existing accounts by nature."""

    def __post_init__(self) -> None:
        faults = []
        if not self.link_keys:
            faults.append("LINK_KEYS: must be set with VERIFY_EMAIL=true")
        if self.sign_ups_a_minute < self.max_instances:  # the least that an instance can take is one
            faults.append(f"SIGN_UPS_A_MINUTE: must be at least MAX_INSTANCES={self.max_instances}")
        if self.verify_email and faults:
            raise SettingsError(*faults)
