from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from send_email.links import sign_up_link
from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from shared.events.sign_up_requested import SignUpRequested
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.builders import NOW, a_sign_up_requested

OLD, NEW = f"1:{'o' * 32}", f"2:{'n' * 32}"
KEYS = VersionedSecrets.parse(OLD)
URL = "https://example.com/sign-up"
EVENT = a_sign_up_requested()
ENDS = (NOW + timedelta(hours=24)).replace(microsecond=0)


def link(event: SignUpRequested = EVENT, *, keys: VersionedSecrets | None = KEYS, at: datetime = NOW) -> str:
    return sign_up_link(event, url=URL, keys=keys, at=at)


def proof(text: str, keys: VersionedSecrets) -> SignUpLink:
    """What create_user reads in it."""
    url, _, token = text.partition("#")
    assert url == URL
    return SignUpLink.read(token, keys)


def test_link_proves_the_address_until_24_hours_after_its_request() -> None:
    assert proof(link(), KEYS) == SignUpLink(address=EVENT.email, expires_at=ENDS)


def test_every_duplicate_carries_the_same_link_however_late_and_in_whichever_time_zone_it_is_read() -> None:
    elsewhere = replace(EVENT, occurred_at=NOW.astimezone(timezone(timedelta(hours=-7))), traceparent="")

    assert link(elsewhere, at=NOW + timedelta(hours=20)) == link()


def test_link_is_sent_while_an_hour_of_it_is_left_and_no_longer() -> None:
    last = ENDS - timedelta(hours=1)

    assert link(at=last) == link()
    with pytest.raises(UndeliverableError) as refusal:
        link(at=last + timedelta(microseconds=1))
    assert refusal.value.code == "link_expired"


def test_after_a_rotation_links_of_both_keys_are_good() -> None:
    known, newest = VersionedSecrets.parse(f"{NEW} {OLD}"), VersionedSecrets.parse(f"{OLD} {NEW}")

    before, after = link(keys=known), link(keys=newest)

    assert before == link() != after
    assert proof(before, newest) == proof(after, known) == proof(before, known)


def test_without_keys_a_link_waits_for_a_revision_that_has_them_as_long_as_it_is_worth_it() -> None:
    with pytest.raises(NotDeliveredError) as postponed:
        link(keys=None)
    with pytest.raises(UndeliverableError):
        link(keys=None, at=ENDS)

    assert (postponed.value.code, postponed.value.outcome_unknown) == ("link_keys_missing", False)
