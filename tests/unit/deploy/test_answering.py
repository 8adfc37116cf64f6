"""Whose answer is it at an address: create_user's, or Google's in its place?"""

from dataclasses import replace

import httpx
import pytest

from blueprint.gcloud import Command, GcloudError
from deploy.answering import login, silence_of, until_it_answers
from tests.unit.deploy.conftest import Clock
from tests.unit.deploy.fake_usher import problem
from tests.unit.deploy.plans import deployment

URL = "https://create-user.example"
PRINTING = ("gcloud", "auth", "print-identity-token", "--project=demo-project")


def seen(*answers: httpx.Response | httpx.TransportError) -> str:
    """Of an address that gives these answers, and the last one from then on."""
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, Exception):
            raise now
        return now

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return until_it_answers(client, URL)


def google_says(status: int) -> httpx.Response:
    return httpx.Response(status, headers={"content-type": "text/html"}, text="<html>Forbidden</html>")


def test_address_is_waited_for_until_create_user_itself_answers(clock: Clock) -> None:
    ours = problem(405, "method-not-allowed")

    assert seen(google_says(404), google_says(405), httpx.ConnectError("no route"), google_says(403), ours) == ""
    assert clock.pauses == [2] * 4


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (google_says(403), "403, not from create_user itself"),
        (problem(500, "internal"), "500 internal"),
        (httpx.ReadTimeout("silent"), "no response (ReadTimeout)"),
    ],
)
def test_after_two_minutes_it_is_said_what_was_seen(
    last: httpx.Response | httpx.TransportError, said: str, clock: Clock
) -> None:
    assert seen(last) == said
    assert 120 < clock.monotonic() <= 122


def test_public_create_user_needs_no_login() -> None:
    assert login(deployment(), lambda *_: pytest.fail("a login was asked for"), URL) == {}


@pytest.mark.parametrize(("personal", "asked"), [(False, 1), (True, 2)], ids=["a service account", "a person"])
def test_login_is_for_the_services_url_where_the_account_can_choose(*, personal: bool, asked: int) -> None:
    journal: list[Command] = []

    def run(command: Command, _payload: str | None) -> str:
        journal.append(command)
        if personal and len(journal) == 1:
            raise GcloudError(command, "Invalid account type for `--audiences`. Requires valid service account.")
        return "a-token"

    assert login(replace(deployment(), public=False), run, URL) == {"Authorization": "Bearer a-token"}
    assert journal == [(*PRINTING, f"--audiences={URL}"), PRINTING][:asked]


def no_token(command: Command, _payload: str | None) -> str:
    raise GcloudError(command, "No identity token can be obtained from the current credentials.")


def test_login_that_is_refused_for_another_reason_fails() -> None:
    with pytest.raises(GcloudError, match=r"No identity token can be obtained[^\n]*\nThis login .* --at-once"):
        login(replace(deployment(), public=False), no_token, URL)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("status", "public", "said"),
    [
        (403, True, "For 2 minutes create_user's address got 403, not from create_user itself. New addresses"),
        (403, False, "not known, for want of a login: No identity token can be obtained"),
        (405, True, ""),
    ],
)
def test_up_ends_with_a_sentence_where_create_user_does_not_answer(status: int, *, public: bool, said: str) -> None:
    answer = problem(405, "method-not-allowed") if status == 405 else google_says(status)
    of = replace(deployment(), public=public)

    silence = silence_of(URL, of, no_token, transport=httpx.MockTransport(lambda _: answer))

    assert said in silence
    assert bool(silence) == bool(said)
