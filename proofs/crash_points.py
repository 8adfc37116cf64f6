"""
Kills a function, or the pusher, before and after each of its side effects, in every scenario and on both brokers.

    python -m proofs.crash_points [--write]

`--write` puts the tables into docs/reliability.md. The points are those that each scenario passes when nothing crashes.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from proofs.crash_case import Result, run_case
from proofs.crash_tables import counts_table, points_table
from proofs.promises import acceptance_is_unrecorded
from proofs.scenarios import MAILBOX_FIRST_SCENARIOS, PUSHER_SCENARIOS, SCENARIOS, Scenario
from shared.broker.settings import Broker
from testkit.canary import LINK_KEYS, PEPPERS
from testkit.mail_server import MailServer
from testkit.nats_server import NatsServer
from testkit.project import emulators_of
from testkit.stack import LocalStack

Crash = tuple[Scenario, str | None]

_PARALLEL = 8
_PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- crash-point table: begin -->\n", "<!-- crash-point table: end -->"


def record(stack: LocalStack, scenarios: Sequence[Scenario]) -> list[Result]:
    """Run every scenario without a crash: the results list its moments, redeliveries left out."""
    results = run(stack, [(scenario, None) for scenario in scenarios])
    return [replace(result, moments=_without_redeliveries(result.scenario, result.moments)) for result in results]


def _without_redeliveries(scenario: Scenario, moments: Sequence[str]) -> Sequence[str]:
    """A redelivery is a scenario of its own. Nothing is redelivered to create_user, which works on after its reply."""
    if scenario.function == "create_user":
        return moments
    last = ("after nats:ack", "after nats:nak") if scenario.function == "pusher" else ("after http:reply",)
    replies = [number for number, moment in enumerate(moments, 1) if moment.startswith(last)]
    return moments[: min(replies, default=len(moments))]


def every_crash(recordings: Sequence[Result]) -> list[Crash]:
    return [(recording.scenario, moment) for recording in recordings for moment in recording.moments]


def sample_of(recordings: Sequence[Result]) -> list[Crash]:
    """
    One crash of each kind: function, RPC, SMTP, SMS, NATS or HTTP, before or after, inside I3's window or outside it.

    Each step of the pusher is a kind.
    """
    kinds: dict[object, list[Crash]] = {}
    for recording in recordings:
        for moment in recording.moments:
            side, _, effect = moment.partition(" ")
            inside = acceptance_is_unrecorded(recording.moments, moment)
            name = effect.partition("#" if recording.scenario.function == "pusher" else ":")[0]
            kind = recording.scenario.function, name, side, inside
            kinds.setdefault(kind, []).append((recording.scenario, moment))
    return [crashes[len(crashes) // 2] for crashes in kinds.values()]


def run(stack: LocalStack, crashes: Sequence[Crash]) -> list[Result]:
    mail_server = MailServer()
    try:
        with emulators_of(stack), ThreadPoolExecutor(_PARALLEL) as pool:
            return list(pool.map(lambda crash: run_case(stack, mail_server, crash[0], crash_at=crash[1]), crashes))
    finally:
        mail_server.stop()


def broken(results: Sequence[Result]) -> list[str]:
    return [f"{each.scenario.name}, {each.crash_at}: {each.broken}" for each in results if each.broken]


def crash_everywhere(scenarios: Sequence[Scenario], **settings: str) -> tuple[list[Result], list[Result]]:
    """The recordings, and what came of every crash."""
    settings = {"BCRYPT_ROUNDS": "10", "PASSWORD_PEPPERS": PEPPERS, "LINK_KEYS": LINK_KEYS, **settings}
    with LocalStack.running(settings) as stack:
        recordings = record(stack, scenarios)
        if faulty := broken(recordings):
            sys.exit(f"Broken without any crash: {faulty}")
        return recordings, run(stack, every_crash(recordings))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    scenarios = [*SCENARIOS, *MAILBOX_FIRST_SCENARIOS]
    recordings, on_pubsub = crash_everywhere(scenarios)
    with NatsServer.running() as server:
        on_nats = crash_everywhere([*scenarios, *PUSHER_SCENARIOS], EVENT_BROKER=Broker.NATS, NATS_URL=server.url)[1]
    text = f"{points_table(recordings, on_pubsub)}\n{counts_table({'Pub/Sub': on_pubsub, 'NATS': on_nats})}"
    sys.stdout.write(text)
    if options.write:
        page = re.sub(f"(?s){_BEGIN}.*{_END}", lambda _: f"{_BEGIN}\n{text}\n{_END}", _PAGE.read_text())
        _PAGE.write_text(page)
    return int(any(result.broken for result in [*on_pubsub, *on_nats]))


if __name__ == "__main__":
    sys.exit(main())
