"""The command line of a redrive, the same in the cloud and on the local stack."""

from argparse import ArgumentParser, Namespace
from collections import Counter, deque
from collections.abc import Callable, Iterator
from uuid import UUID

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError

from blueprint.topology import read_topology
from operations.broker import BrokerUnavailableError
from operations.redrive.dead_letters import redrive_dead_letters
from operations.redrive.from_users import redrive_from_users
from operations.redrive.malformed import redrive_malformed
from operations.redrive.selection import NoSuchUserError, Outcome, Selection
from operations.redrive.system import EmulatorHosts, connect
from operations.redrive.undeliverable import redrive_undeliverable

_BY_SUBSCRIBER = (redrive_undeliverable, redrive_from_users)


def add_arguments(parser: ArgumentParser) -> None:
    parser.description = "Put back what was given up: dead letters, unless another kind is selected."
    kinds = parser.add_mutually_exclusive_group()
    for option, kind, explanation in (
        ("--undeliverable", redrive_undeliverable, "deliveries that were permanently refused"),
        ("--malformed", redrive_malformed, "events that could not be read"),
        ("--from-users", redrive_from_users, "events of stored users that a subscriber has not finished"),
    ):
        kinds.add_argument(option, dest="kind", action="store_const", const=kind, help=explanation)
    parser.add_argument("--subscriber", choices=sorted(read_topology().subscribers()), help="only this subscriber")
    parser.add_argument(
        "--id", action="append", default=[], dest="ids", metavar="ID", help="ID of an event or a record; repeatable"
    )
    parser.add_argument(
        "--after", type=UUID, metavar="USER_ID", help="with --from-users: continue after this user, as a run has said"
    )
    parser.add_argument("--dry-run", action="store_true", help="show what would be put back, and change nothing")
    parser.set_defaults(kind=redrive_dead_letters, usage_error=parser.error)


def redrive(
    arguments: Namespace,
    *,
    project: str,
    emulators: EmulatorHosts | None = None,
    topic: str | None = None,
    say: Callable[[str], None] = print,
) -> int:
    """
    Put back what `arguments` select and say so, by ids only: in the cloud, or on `emulators`.

    `topic` is where events go, unless topology.toml's.

    Returns 0 when all of it was put back, 1 when something was left. Interrupted anywhere, it may be run again.
    """
    if arguments.subscriber and arguments.kind not in _BY_SUBSCRIBER:
        arguments.usage_error("--subscriber requires --undeliverable or --from-users")
    if arguments.after and (arguments.kind is not redrive_from_users or arguments.ids):
        arguments.usage_error("--after requires --from-users, without --id")
    topology = read_topology().with_topic(topic)
    subscribers = frozenset([arguments.subscriber] if arguments.subscriber else topology.subscribers())
    reached: deque[str] = deque(maxlen=1)
    selection = Selection(
        ids=frozenset(arguments.ids),
        subscribers=subscribers,
        dry_run=arguments.dry_run,
        after=str(arguments.after or ""),
        reached=reached.append,
    )
    try:
        system = connect(project, topology.events, emulators)
        return _report(arguments.kind(system, selection), selection, say)
    except NoSuchUserError:
        say("--after is the ID of no stored user")
        return 2
    except (BrokerUnavailableError, GoogleAPIError, GoogleAuthError) as error:
        say(f"Stopped: {error}\nNothing is lost: run it again.")
        return 1
    finally:
        for user_id in reached:
            what = " this dry run" if selection.dry_run else ""
            say(f"Users were read up to {user_id}: continue{what} with --after {user_id}")


def _report(outcomes: Iterator[Outcome], selection: Selection, say: Callable[[str], None]) -> int:
    done, not_done = ("would be put back", "would be left") if selection.dry_run else ("put back", "left")
    counts: Counter[str] = Counter()
    not_met = set(selection.ids)
    for outcome in outcomes:
        not_met -= set(outcome.ids)
        counts[not_done if outcome.left else done] += 1
        say(f"{outcome.ids[0]} {not_done}: {outcome.left}" if outcome.left else f"{outcome.ids[0]} {done}")
    for selected in sorted(not_met):
        say(f"{selected} not found")
    say(f"{counts[done]} {done}, {counts[not_done]} {not_done}")
    return 1 if counts[not_done] or not_met else 0
