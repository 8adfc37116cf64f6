"""The command line: `python -m deploy VERB`."""

import argparse
import os
import sys
from pathlib import Path

from blueprint.bundle import stage, staging_lines
from blueprint.gcloud import GcloudError, GcloudMissingError
from blueprint.topology import PROJECT_ROOT, TopologyError, read_topology
from deploy.cloud import UnreadableError
from deploy.deployment import Deployment
from deploy.down import down
from deploy.rollback import rollback
from deploy.script import script
from deploy.settings import SettingsError, everything_of, project_of, read_given
from deploy.status import status
from deploy.trial import RevisionRefusedError
from deploy.up import plan, up
from operations.redrive.command import add_arguments, redrive
from operations.redrive.system import EMULATORS

_EPILOG = (
    "Exit codes: 0 done, 1 a step failed or a revision was refused, 2 something to fix first, "
    "3 down stopped before removing everything or status found that events are lost, 130 interrupted."
)

_DROPPED = "also delete the secrets and the whole (default) database, even if it existed before up"


def main() -> None:
    try:
        arguments = _parser().parse_args()
        sys.exit(arguments.run(arguments))
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (GcloudError, UnreadableError) as error:
        print(f"{error}\nFix this, then run the same command again: it continues from here.", file=sys.stderr)
        sys.exit(1)
    except RevisionRefusedError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except (GcloudMissingError, TopologyError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again: it continues from here.", file=sys.stderr)
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__, epilog=_EPILOG)
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _add_dry_run(staged := verbs.add_parser("bundle", help="stage each function in build/<name>/"))
    staged.set_defaults(run=_bundle)
    for verb, run, explanation in (
        ("plan", plan, "print what up would do, as a Bash script of gcloud commands; nothing is run"),
        ("up", up, "deploy or update; secrets are read from standard input or prompted for"),
    ):
        added = verbs.add_parser(verb, help=explanation)
        _add_settings(added)
        if verb == "up":
            added.add_argument(
                "--check", action="store_true", help="only look for what stands in the way; nothing is changed"
            )
        added.set_defaults(run=run)
    _add_place(shown := verbs.add_parser("status", help="show what is running and what is waiting"))
    shown.add_argument("--format", choices=["text", "json"], default="text")
    shown.set_defaults(run=lambda arguments: status(arguments, _place(arguments)))
    _add_place(back := verbs.add_parser("rollback", help="put back the revisions that the last up replaced"))
    back.set_defaults(run=lambda arguments: rollback(arguments, _place(arguments)))
    _add_place(taken := verbs.add_parser("down", help="remove what up created; users and secrets are kept"))
    taken.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    taken.add_argument(
        "--drop-events", action="store_true", help="even if events are waiting: their mails are never sent"
    )
    taken.add_argument("--drop-data", action="store_true", help=_DROPPED)
    taken.set_defaults(run=lambda arguments: down(arguments, _place(arguments)))
    put_back = verbs.add_parser("redrive", help="put back what was given up")
    _add_project(put_back)
    add_arguments(put_back)
    put_back.set_defaults(run=_redrive)
    return parser


def _add_project(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--config", type=Path, default=PROJECT_ROOT / "deploy.toml", help="default: deploy.toml")
    verb.add_argument("--project", help="ID of the Google Cloud project")


def _add_place(verb: argparse.ArgumentParser) -> None:
    _add_project(verb)
    verb.add_argument("--region", help="for example europe-west1")
    _add_dry_run(verb)


def _add_dry_run(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="print it as a Bash script; nothing is run")


def _add_settings(verb: argparse.ArgumentParser) -> None:
    _add_place(verb)
    verb.add_argument("--smtp-host", help="the mail server")
    verb.add_argument("--smtp-port", help="default: 587")
    verb.add_argument("--smtp-user", help="without it, the mail server is used without authentication")
    verb.add_argument("--mail-from", help="for example 'Usher <welcome@example.com>'")
    verb.add_argument(
        "--verify-email",
        action=argparse.BooleanOptionalAction,
        help="mail a link first: only who opens it signs up (default: no)",
    )
    verb.add_argument(
        "--sign-up-url", metavar="URL", help="the page that these links open (default: create_user's own)"
    )
    verb.add_argument(
        "--canary-email", metavar="ADDRESS", help="sign ADDRESS up at a new create_user before it gets traffic"
    )
    verb.add_argument("--at-once", action="store_true", help="do not try a new create_user out before it gets traffic")
    verb.add_argument("--rebuild", action="store_true", help="build what has not changed, too: for a new base image")
    verb.add_argument("--public", action="store_true", help="let anyone call create_user")
    verb.add_argument("--alert-email", metavar="ADDRESS", help="address to notify of alerts")
    verb.add_argument("--alert-channel", metavar="CHANNEL", help="Cloud Monitoring channel to notify of alerts, too")


def _place(arguments: argparse.Namespace) -> Deployment:
    return everything_of(read_given(vars(arguments)), read_topology())


def _redrive(arguments: argparse.Namespace) -> int:
    if named := [name for name in EMULATORS if os.environ.get(name)]:
        arguments.usage_error(f"unset {' and '.join(named)}: this redrives in the cloud, not on an emulator")
    return redrive(arguments, project=project_of(read_given(vars(arguments))))


def _bundle(arguments: argparse.Namespace) -> int:
    functions = read_topology().functions.items()
    if arguments.dry_run:
        lines = [line for name, function in functions for line in staging_lines(name, function)]
        print(script("Stages each function as it is uploaded.", lines))
        return 0
    for name, function in functions:
        print(f"{stage(name, function).relative_to(PROJECT_ROOT)}/")
    return 0
