import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta, timezone
from hmac import digest
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.links.sign_up_link import LIFETIME, LinkError, LinkExpiredError, LinkInvalidError, SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import NOW

OLD, NEW = "1:" + "o" * 32, "2:" + "n" * 32
KEYS = VersionedSecrets.parse(OLD)
LINK = SignUpLink.requested_at(NOW, "ewan@example.com")
TOKEN = LINK.token(KEYS)
EXPIRY = int(LINK.expires_at.timestamp())
# Texts that JSON escapes, and all that could be taken for a frame.
ADDRESSES = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\,[].#@\0'))


def text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def signed(claims: object, *, key: bytes = KEYS["1"], dump: Callable[[object], str] = json.dumps) -> str:
    framed = dump(claims).encode()
    return f"{text(framed)}.{text(digest(key, framed, 'sha256'))}"


def compact(claims: object) -> str:
    return json.dumps(claims, separators=(",", ":"))


def test_token_says_purpose_version_expiry_and_address_in_json_that_a_page_can_read() -> None:
    claims, _ = TOKEN.split(".")

    assert json.loads(urlsafe_b64decode(claims + "==")) == ["sign-up", "1", EXPIRY, "ewan@example.com"]
    assert signed(["sign-up", "1", EXPIRY, "ewan@example.com"], dump=compact) == TOKEN


@given(ADDRESSES, st.integers(0, 10**6))
def test_token_is_read_as_the_link_it_was_made_of_and_is_safe_behind_a_hash_sign(address: str, seconds: int) -> None:
    link = SignUpLink.requested_at(NOW + timedelta(seconds=seconds), address)

    token = link.token(KEYS)

    assert SignUpLink.read(token, KEYS) == link
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert token.isascii()


def test_every_duplicate_of_an_event_carries_the_same_token() -> None:
    same_time_elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))

    assert SignUpLink.requested_at(same_time_elsewhere, "ewan@example.com").token(KEYS) == TOKEN


def test_no_two_links_share_a_token() -> None:
    others = [
        SignUpLink.requested_at(NOW, "Ewan@example.com"),
        SignUpLink.requested_at(NOW + timedelta(seconds=1), "ewan@example.com"),
    ]

    tokens = {link.token(keys) for link in (LINK, *others) for keys in (KEYS, VersionedSecrets.parse(NEW))}

    assert len(tokens) == 6


def test_token_with_any_character_changed_proves_nothing() -> None:
    for position, character in product(range(len(TOKEN)), "AB-_."):
        if character != TOKEN[position]:
            with pytest.raises(LinkError):
                SignUpLink.read(TOKEN[:position] + character + TOKEN[position + 1 :], KEYS)


@pytest.mark.parametrize(
    "token",
    [
        *("", ".", "..", "a", "not a token", "é", "\ud800", "\0", "A" * 16000, "[" * 9000),
        *(TOKEN[:-1], TOKEN + "=", TOKEN + "A", f" {TOKEN}", f"{TOKEN}\n", f"{TOKEN}.", f".{TOKEN}", f"#{TOKEN}"),
        *(TOKEN.partition(".")[0], TOKEN.partition(".")[0] + ".", TOKEN.replace(".", "=."), TOKEN.replace(".", "!.")),
        signed(["sign-up", "1", EXPIRY, "ewan@example.com"]),  # another spelling of the same claims
        signed(["sign-up", "1", float(EXPIRY), "ewan@example.com"], dump=compact),
        signed(["sign-up", "1", str(EXPIRY), "ewan@example.com"], dump=compact),
        signed(["sign-up", "1", EXPIRY, "ewan@example.com", ""], dump=compact),
        signed(["sign-up", "1", EXPIRY], dump=compact),
        signed(["sign-up", "1", 10**17, "ewan@example.com"], dump=compact),
        signed(["sign-up", "1", -(10**17), "ewan@example.com"], dump=compact),
        signed(["sign-up", "1", 2**70, "ewan@example.com"], dump=compact),
        signed(["sign-up", "1", EXPIRY, None], dump=compact),
        signed({"purpose": "sign-up"}, dump=compact),
        signed("sign-up", dump=compact),
    ],
)
def test_what_no_key_of_ours_has_made_is_invalid(token: str) -> None:
    with pytest.raises(LinkInvalidError):
        SignUpLink.read(token, KEYS)


@pytest.mark.parametrize("purpose", ["sign-in", "reset-password", "Sign-up", "", None, 1, ["sign-up"]])
def test_link_of_another_purpose_under_the_same_key_proves_nothing_here(purpose: object) -> None:
    with pytest.raises(LinkInvalidError):
        SignUpLink.read(signed([purpose, "1", EXPIRY, "ewan@example.com"], dump=compact), KEYS)


def test_token_of_a_key_that_only_has_a_version_in_common_is_invalid() -> None:
    with pytest.raises(LinkInvalidError):
        SignUpLink.read(LINK.token(VersionedSecrets.parse("1:" + "x" * 32)), KEYS)


@pytest.mark.parametrize("version", ["2", "", "ü", "1 "])
def test_version_that_is_not_known_is_an_expired_link(version: str) -> None:
    with pytest.raises(LinkExpiredError):
        SignUpLink.read(signed(["sign-up", version, EXPIRY, "ewan@example.com"], key=b"?", dump=compact), KEYS)


def test_links_are_good_through_a_rotation_in_two_steps() -> None:
    for mailing, finishing in [(OLD, f"{NEW}\n{OLD}"), (f"{OLD}\n{NEW}", f"{NEW}\n{OLD}"), (OLD, f"{OLD}\n{NEW}")]:
        token = LINK.token(VersionedSecrets.parse(mailing))

        assert SignUpLink.read(token, VersionedSecrets.parse(finishing)) == LINK


def test_link_is_good_for_24_hours_and_for_none_before_its_request() -> None:
    LINK.check(NOW)
    LINK.check(LINK.expires_at - timedelta.resolution)

    with pytest.raises(LinkExpiredError):
        LINK.check(LINK.expires_at)
    with pytest.raises(LinkInvalidError):
        LINK.check(LINK.expires_at - LIFETIME - timedelta.resolution)
    assert NOW + LIFETIME - timedelta(seconds=1) < LINK.expires_at <= NOW + LIFETIME
