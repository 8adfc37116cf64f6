"""The command line of an audit, the same in the cloud and on the local stack."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import sleep
from uuid import UUID

from google.cloud.firestore import Client
from requests import Session

from audit.audit import Scope, audit
from audit.chosen_messages import chosen_messages
from audit.firestore_records import FirestoreRecords
from audit.records import NoSuchUserError, RecordsUnavailableError
from audit.scope import scheduled_scope, window
from audit.settings import Settings

UNDECIDED = 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.description = (
        "Decide on live data whether every promise holds; nothing is changed. Exit status 0: every promise holds; "
        "1: something waits for longer than promised; 2: a promise is broken; 3: it could not be decided."
    )
    parser.add_argument("--from", dest="created_from", type=_time, metavar="TIME", help="users since then (24 h ago)")
    parser.add_argument("--to", dest="created_to", type=_time, metavar="TIME", help="users until then (now)")
    parser.add_argument("--users", type=_number, default=50_000, metavar="N", help="read at most N users (%(default)s)")
    parser.add_argument("--after", type=UUID, metavar="USER_ID", help="continue after this user, as a run has said")
    parser.add_argument(
        "--reservations", type=_number, default=50_000, metavar="N", help="read at most N reservations (%(default)s)"
    )
    parser.add_argument("--reservations-from", type=_prefix, metavar="DIGITS", help="continue there, as a run has said")


def audit_and_report(
    arguments: Namespace, settings: Settings, *, client: Client, session: Session, say: Callable[[str], None] = print
) -> int:
    """Audit what `arguments` select, say what was found, by ids only, and return the exit status."""
    records = FirestoreRecords(client)
    messages = chosen_messages(settings, lambda: session, now=_now)

    def pause() -> None:
        say(f"Something is missing: looking again in {settings.audit_pause_seconds:g} s")
        sleep(settings.audit_pause_seconds)

    try:
        report = audit(_scope(arguments, settings), records, messages, pause=pause)
    except NoSuchUserError:
        say("--after is the ID of no stored user")
        return UNDECIDED
    except RecordsUnavailableError as error:
        say(f"Firestore did not respond: {error.__cause__}\nNothing was decided: run it again.")
        return UNDECIDED
    for line in report.lines():
        say(line)
    return report.status


def _scope(arguments: Namespace, settings: Settings) -> Scope:
    now = _now()
    until = arguments.created_to or now
    created_from, created_to = window(arguments.created_from or until - timedelta(days=1), until, now)
    return replace(
        scheduled_scope(settings, now),
        created_from=created_from,
        created_to=created_to,
        after_user=str(arguments.after or ""),
        most_users=arguments.users,
        first_reservation=arguments.reservations_from or "",
        most_reservations=arguments.reservations,
    )


def _time(text: str) -> datetime:
    """In UTC, unless it says otherwise."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _number(text: str) -> int:
    if (number := int(text)) < 1:
        raise ArgumentTypeError("must be at least 1")
    return number


def _prefix(text: str) -> str:
    int(text, base=16)
    return text


def _now() -> datetime:
    return datetime.now(UTC)
