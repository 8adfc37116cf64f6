"""Clients of the long run: they repeat what failed, with the same Idempotency-Key, as real clients would."""

import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import groupby
from random import Random
from uuid import UUID

import httpx

from testkit.canary import PASSWORD, leaks
from testkit.mail_server import REFUSED_PREFIX, MailServer
from testkit.polling import eventually

_MOST_REQUESTS = 12
_LONGEST_WAIT_SECONDS = 5  # between two requests; it grows with each
_REPEATED_ANYWAY = 0.05  # of the sign-ups: by clients that missed the answer, or that click twice
_CONTESTED = 0.02  # of the addresses: several people, or one with several keys
_REFUSED = 0.005  # of the addresses: the mail server knows no such mailbox
_MEMBERS = {"name": "Ewan Canary", "password": PASSWORD}


@dataclass(frozen=True)
class SignUp:
    """What one client wants. `is_repeated_anyway`: it sends its request once more after the answer."""

    address: str
    key: str
    is_repeated_anyway: bool


@dataclass(frozen=True)
class Mailboxes:
    """Where clients read their mail. Nobody waits for a link to an address that is `held` already."""

    server: MailServer
    held: Collection[str]

    def token_for(self, address: str) -> str:
        """The token of the first link; empty where there is none in time."""
        if address in self.held or address.startswith(REFUSED_PREFIX):
            return ""
        link = eventually(lambda: next((mail.link for mail in self.server.mails_to(address) if mail.link), ""))
        return link.partition("#")[2]


@dataclass
class Outcome:
    """
    What became of a sign-up: the last answer's status, none where the client gave up; every 201's body.

    `is_accepted` where a link was requested, and 202 came back: it is the last answer if no link could be read.
    """

    sign_up: SignUp
    status: int | None = None
    created: list[Mapping[str, str]] = field(default_factory=list)
    requests: int = 0
    leaks: int = 0
    is_accepted: bool = False


def plan(users: int, seed: int) -> list[SignUp]:
    """As many sign-ups; those with one address follow each other."""
    chance = Random(f"{seed} clients")  # noqa: S311  it must be repeatable
    planned: list[SignUp] = []
    while len(planned) < users:
        prefix = REFUSED_PREFIX if chance.random() < _REFUSED else ""
        address = f"{prefix}ewan.{chance.getrandbits(64):016x}@canary.example"
        for _ in range(3 if chance.random() < _CONTESTED else 1):
            key = str(UUID(int=chance.getrandbits(128)))
            planned.append(SignUp(address, key, is_repeated_anyway=chance.random() < _REPEATED_ANYWAY))
    return planned


def sign_up_all(
    url: str,
    planned: list[SignUp],
    outcomes: list[Outcome],
    *,
    mailboxes: Mailboxes | None = None,
    clients: int,
    longest_pause_seconds: float = 0,
) -> None:
    """
    Have so many clients work through the plan, with a pause before each address.

    Where the mailbox comes first, they read a link in their `mailboxes` and sign up with its token.

    Each outcome is added to `outcomes` as soon as it is known.
    """
    contests = [list(contest) for _, contest in groupby(planned, key=lambda sign_up: sign_up.address)]
    with (
        httpx.Client(timeout=20, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)) as client,
        ThreadPoolExecutor(clients) as pool,
        ThreadPoolExecutor(clients) as rivals,
    ):

        def hold(contest: list[SignUp]) -> None:
            time.sleep(Random(contest[0].key).uniform(0, longest_pause_seconds))  # noqa: S311  it must be repeatable
            outcomes.extend(rivals.map(lambda sign_up: _sign_up(client, url, sign_up, mailboxes), contest))

        list(pool.map(hold, contests))


def _sign_up(client: httpx.Client, url: str, sign_up: SignUp, mailboxes: Mailboxes | None) -> Outcome:
    outcome = Outcome(sign_up)
    address = {"email": sign_up.address}
    if not mailboxes:
        _ask_until_answered(client, url, _MEMBERS | address, outcome)
        return outcome
    _ask_until_answered(client, f"{url}sign-ups", address, outcome)
    outcome.is_accepted = outcome.status == HTTPStatus.ACCEPTED
    if outcome.is_accepted and (token := mailboxes.token_for(sign_up.address)):
        _ask_until_answered(client, url, _MEMBERS | {"token": token}, outcome)
    return outcome


def _ask_until_answered(client: httpx.Client, url: str, body: Mapping[str, str], outcome: Outcome) -> None:
    outcome.status = None
    chance = Random(outcome.sign_up.key)  # noqa: S311  it must be repeatable
    needed = 2 if outcome.sign_up.is_repeated_anyway else 1
    for requests in range(1, _MOST_REQUESTS + 1):
        outcome.requests += 1
        if not _answered(client, url, body, outcome):
            time.sleep(chance.uniform(0.3, 1.0) * min(requests, _LONGEST_WAIT_SECONDS))
        elif not (needed := needed - 1):
            return


def _answered(client: httpx.Client, url: str, body: Mapping[str, str], outcome: Outcome) -> bool:
    """Send the request once, and say whether the answer settles it."""
    try:
        response = client.post(url, json=body, headers={"Idempotency-Key": outcome.sign_up.key})
    except httpx.TransportError:
        return False
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        outcome.leaks += len(leaks([response.text]))
        return False
    outcome.status = response.status_code
    if response.status_code == HTTPStatus.CREATED:
        outcome.created.append(response.json())
    return True
