"""
The long run: thousands of sign-ups under a random mix of faults, and its score.

    make chaos USERS=2000 SEED=7
"""

import argparse
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from random import Random
from threading import Event, Thread

import httpx
from rich.console import Console
from rich.live import Live

from proofs.long_run_brokers import REDELIVERED_WITHIN_SECONDS
from proofs.long_run_clients import Mailboxes, Outcome, SignUp, plan, sign_up_all
from proofs.long_run_faults import Storm
from proofs.long_run_world import LEASE_SECONDS, Peer, World
from proofs.observation import Observation
from proofs.score import Fate, Run, fates, score
from proofs.score_reading import Observer
from proofs.score_table import score_table
from proofs.storm_audit import audit_the_rest
from proofs.verdict import verdict, why_duplicates
from shared.broker.settings import Broker
from testkit.plain_http import http
from testkit.project import store_user
from testkit.stack import LocalStack

_CLIENTS = 40
_CLIENTS_WHO_WAIT_FOR_MAIL = 120
_ONE_IN_HELD = 40
_QUIET_SECONDS = LEASE_SECONDS + REDELIVERED_WITHIN_SECONDS
_MOST_DRAIN_SECONDS = 60  # without any progress; what is not settled then counts as stuck or lost


def run(
    stack: LocalStack,
    peer: Peer,
    *,
    users: int,
    seed: int,
    outcomes: list[Outcome],
    broker: Broker = Broker.PUBSUB,
    verify_email: bool = False,
) -> Run:
    """
    Sign so many users up in a storm of faults, let the system drain, and look at what it has left.

    Each sign-up's outcome is added to `outcomes` meanwhile. With `verify_email` the mailbox comes first.
    """
    planned = plan(users, seed)
    with World.running(stack, peer, broker=broker, verify_email=verify_email) as world, relayed(world, seed):
        mailboxes, clients = None, _CLIENTS
        if verify_email:
            mailboxes, clients = _mailboxes(world, planned), _CLIENTS_WHO_WAIT_FOR_MAIL
        started = time.monotonic()
        storm = Storm(world, seed)
        try:
            sign_up_all(world.url, planned, outcomes, mailboxes=mailboxes, clients=clients)
        finally:
            storm.stop()
        world.heal()
        healed = time.monotonic()
        seen, drained = drain(Observer(world), outcomes)
        if peer is Peer.USHER:
            report = audit_the_rest(world.firestore_client(), dead_letters=len(seen.dead_letters))
            seen = replace(seen, found_by_audit=len(report.broken) + report.waiting)
    return Run(score(seen), storm.counts, healed - started, drained - healed)


def _mailboxes(world: World, planned: Sequence[SignUp]) -> Mailboxes:
    """Where some addresses have accounts from before."""
    held = {sign_up.address for sign_up in planned[::_ONE_IN_HELD]}
    firestore = world.firestore_client()
    for address in held:
        store_user(firestore, address)
    return Mailboxes(world.mail_server, held)


@contextmanager
def relayed(world: World, seed: int) -> Iterator[None]:
    """Call the relay again and again, at times twice at once."""
    over = Event()

    def relay(name: str, url: str) -> None:
        chance = Random(f"{seed} {name}")  # noqa: S311  it must be repeatable
        while not over.wait(chance.uniform(0.5, 3)):
            with suppress(httpx.TransportError):
                http.post(url, timeout=30)

    schedules = [Thread(target=relay, args=(name, world.relay_url)) for name in "ab" if world.relay_url]
    for schedule in schedules:
        schedule.start()
    try:
        yield
    finally:
        over.set()
        for schedule in schedules:
            schedule.join()


def drain(observer: Observer, outcomes: list[Outcome]) -> tuple[Observation, float]:
    """
    Wait until all is settled and stays so, or until nothing has moved for long.

    Returns:
        What is left, and when it last changed.
    """
    seen, changed = observer.observe(outcomes), time.monotonic()
    while True:
        time.sleep(1)
        before, seen = seen, observer.observe(outcomes)
        now = time.monotonic()
        if (before.deliveries, before.outbox, len(before.mails)) != (seen.deliveries, seen.outbox, len(seen.mails)):
            changed = now
        is_settled = set(fates(seen)) <= {Fate.MAILED, Fate.RECORDED}
        if now - changed > (_QUIET_SECONDS if is_settled else _MOST_DRAIN_SECONDS):
            return seen, changed


def main() -> int:
    arguments = _arguments()
    console = Console(highlight=False)
    planned = len(plan(arguments.users, arguments.seed))
    console.print(f"seed {arguments.seed}, {planned} sign-ups; repeat it with SEED={arguments.seed}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    runs = {}
    with LocalStack.running() as stack:
        for peer in (Peer.USHER, Peer.QUICKSTART)[: 2 if arguments.peer is Peer.QUICKSTART else 1]:
            outcomes: list[Outcome] = []
            progress = partial(_progress, peer, outcomes, planned=planned, started=time.monotonic())
            with Live(console=console, get_renderable=progress, refresh_per_second=1):
                runs[peer] = run(
                    stack,
                    peer,
                    users=arguments.users,
                    seed=arguments.seed,
                    outcomes=outcomes,
                    broker=arguments.broker,
                    verify_email=arguments.verify_email,
                )
    console.print(score_table(runs))
    for peer, finished in runs.items():
        console.print(verdict(peer, finished.score))
    console.print(why_duplicates(runs[Peer.USHER].score))
    return 0 if runs[Peer.USHER].score.keeps_promises else 1


def _progress(peer: Peer, outcomes: list[Outcome], *, planned: int, started: float) -> str:
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    settling = ", and waiting until nothing moves any more" if len(outcomes) == planned else ""
    return f"{peer}: {len(outcomes)} of {planned} sign-ups answered in {minutes}:{seconds:02}{settling}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make chaos", description="Thousands of sign-ups under faults, and the score."
    )
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument(
        "--peer",
        type=Peer,
        default=Peer.USHER,
        help="quickstart: put it through the same storm too; it ends sooner, so it meets fewer faults",
    )
    parser.add_argument("--broker", type=Broker, default=Broker.PUBSUB, help="pubsub or nats")
    parser.add_argument("--verify-email", action="store_true", help="take the mailbox first")
    arguments = parser.parse_args()
    if arguments.peer is Peer.QUICKSTART and (arguments.broker is not Broker.PUBSUB or arguments.verify_email):
        parser.error("the quickstart knows Pub/Sub alone, and verifies nothing")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
