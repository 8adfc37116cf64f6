"""
send_email against a mail provider that limits the rate, as a table: `make rate-limited`.

The function is the real one; Pub/Sub's push and Cloud Run's queue are simulated. What a refusal has Pub/Sub wait for is
FASTER times shorter here, which flatters refusals: so the same is computed for production's waits and a long backlog.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import monotonic
from uuid import uuid4

from benchmarks.rate_limited_model import Traffic, drain_model
from blueprint.topology import read_topology
from shared.events.event import Event, EventId
from testkit.push_subscription import push_all
from testkit.pushing import an_event, push
from testkit.rate_limited_smtp import RateLimitedSmtp
from testkit.running_function import FreshFunction
from testkit.stack import LocalStack

RATE = 40  # mails a second
BURST = 10
MAIL_SECONDS = 0.25
MARGIN = 0.95  # conversations differ; just above the rate costs more than just below it
FASTER = 50
PRODUCTION_EVENTS = 10_000
_UNBOUNDED = 20 * 16  # 20 instances of send_email, as for 320 mails per second of a provider that takes them
_MAILS = 600


@dataclass(frozen=True, kw_only=True)
class Drained:
    """
    A backlog that went out through at most `places` conversations at once.

    `share` is the throughput over the rate, the first burst not counted; `median_share` that of the median second.
    """

    places: int
    events: int
    seconds: float
    accepted: int
    lost: int
    duplicates: int
    dead_letters: int
    refused: int
    refusals_a_mail: float
    turned_away: int
    most_attempts: int
    share: float
    median_share: float


@dataclass(frozen=True)
class RateLimitedMail:
    """The `runs` by name: with the places of 20 instances, and bounded to the rate at `mail_seconds` a mail."""

    mail_seconds: float
    runs: dict[str, Drained]


def measure(stack: LocalStack) -> RateLimitedMail:
    with _sender(stack) as sender:
        mail_seconds = sender.mail_seconds()
        all_places = {
            "unbounded": _UNBOUNDED,
            "bounded": int(MARGIN * RATE * mail_seconds),
        }
        runs = {name: sender.drain(_MAILS, places=places) for name, places in all_places.items()}
    refusal_seconds = mail_seconds - MAIL_SECONDS
    model = partial(drain_model, rate=RATE, burst=BURST, refusal_seconds=refusal_seconds, mail_seconds=mail_seconds)
    for name, places in all_places.items():
        backlog = [an_event() for _ in range(PRODUCTION_EVENTS)]
        runs[f"production, {name}"] = _drained(backlog, model(backlog, places=places), places=places)
    return RateLimitedMail(mail_seconds, runs)


def _drained(backlog: Sequence[Event], traffic: Traffic, *, places: int) -> Drained:
    mailed = {event_id for event_id, _ in traffic.mails}
    seconds = max(at for _, at in traffic.mails)
    a_second = Counter(int(at) for _, at in traffic.mails)
    return Drained(
        places=places,
        events=len(backlog),
        seconds=seconds,
        accepted=len(traffic.mails),
        lost=len({event.event_id for event in backlog} - mailed),
        duplicates=len(traffic.mails) - len(mailed),
        dead_letters=len(traffic.subscription.dead_letters),
        refused=traffic.refused,
        refusals_a_mail=traffic.refused / len(backlog),
        turned_away=traffic.subscription.turned_away,
        most_attempts=max(traffic.subscription.attempts.values()),
        share=(len(traffic.mails) - BURST) / seconds / RATE,
        median_share=median(a_second[second] / RATE for second in range(int(seconds))),
    )


@dataclass(frozen=True)
class _Sender:
    """send_email and its mail provider."""

    url: str
    provider: RateLimitedSmtp

    def mail_seconds(self) -> float:
        """How long a mail takes, one after the other."""
        return median(push(self.url, an_event()).elapsed.total_seconds() for _ in range(9))

    def drain(self, events: int, *, places: int) -> Drained:
        backlog = [an_event() for _ in range(events)]
        accepted, refused = len(self.provider.accepted), self.provider.refusals
        started = monotonic()
        subscription = push_all(self.url, backlog, places=places, faster=FASTER)
        new = self.provider.accepted[accepted:]
        mails = [(EventId(mail.message_id[1:].partition("@")[0]), mail.at - started) for mail in new]
        return _drained(backlog, Traffic(subscription, mails, self.provider.refusals - refused), places=places)


@contextmanager
def _sender(stack: LocalStack) -> Iterator[_Sender]:
    """One process with the threads of all instances."""
    provider = RateLimitedSmtp(RATE, burst=BURST, mail_seconds=MAIL_SECONDS)
    settings = {"GOOGLE_CLOUD_PROJECT": f"bench-{uuid4().hex[:12]}", "SMTP_PORT": str(provider.port)}
    code = f"import os; os.environ['THREADS'] = '{_UNBOUNDED}'; from functions_framework._cli import _cli as run; run()"
    function = FreshFunction(stack, "send_email", settings, launched_by=("-c", code))
    try:
        function.wait_until_ready()
        with provider.serving():
            yield _Sender(function.url, provider)
    finally:
        function.stop()


def table(result: RateLimitedMail) -> str:
    """In Markdown: one line per figure."""
    rows = {
        "simultaneous conversations, at most": "{0.places}",
        "events": "{0.events}",
        "mails accepted": "{0.accepted}",
        "lost": "{0.lost}",
        "duplicates": "{0.duplicates}",
        "dead letters": "{0.dead_letters}",
        "refused by the provider (421)": "{0.refused}",
        "refusals per mail": "{0.refusals_a_mail:.2f}",
        "turned away by Cloud Run (429)": "{0.turned_away}",
        f"most attempts of an event, of {read_topology().push.max_delivery_attempts}": "{0.most_attempts}",
        "throughput over the rate, median of the seconds": "{0.median_share:.2f}",
        "throughput over the rate, whole run": "{0.share:.2f}",
        "seconds to drain": "{0.seconds:.1f}",
    }
    return "\n".join(
        [
            f"| {RATE} mails/s, {result.mail_seconds:.2f} s per mail | {' | '.join(result.runs)} |",
            f"|---|{'---|' * len(result.runs)}",
            *(f"| {name} | {' | '.join(map(row.format, result.runs.values()))} |" for name, row in rows.items()),
        ]
    )


def main() -> None:
    with LocalStack.running() as stack:
        print(table(measure(stack)))


if __name__ == "__main__":
    main()
