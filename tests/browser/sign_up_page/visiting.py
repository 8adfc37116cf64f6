"""What a person does on create_user's own page, and the links that lead there."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, Route, expect

from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.canary import LINK_KEYS, NAME, PASSWORD

_PRESSED = {"Tab", "Enter", "Space", "ControlOrMeta+A"}


def token(address: str, *, left: timedelta = timedelta(hours=23)) -> str:
    return SignUpLink(address=address, expires_at=datetime.now(UTC) + left).token(VersionedSecrets.parse(LINK_KEYS))


def forged_token(*claims: object) -> str:
    return f"{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.c2lnbmVk"


def press(page: Page, *keys: str) -> None:
    """Press these keys, and type what is not a key's name."""
    for key in keys:
        (page.keyboard.press if key in _PRESSED else page.keyboard.type)(key)


def finish(page: Page, *, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign up").click()


def expect_view(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page).to_have_title(f"{heading}, Usher")


def lost_reply_of(url: str) -> Callable[[Route], None]:
    """The request arrives there; its reply does not come back."""

    def lose(route: Route) -> None:
        route.fetch(url=url)
        route.abort()

    return lose
