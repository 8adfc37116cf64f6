"""The command line: `python -m emulator up`, `create-user`, `trace`, `redrive` and `audit`."""

import argparse
import asyncio
import os
import sys
from contextlib import suppress
from getpass import getpass

import httpx

from blueprint.topology import read_topology
from emulator.commands.audit import audit_locally
from emulator.commands.create_user import create_user
from emulator.commands.redrive import redrive_locally
from emulator.commands.trace import trace
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST, Ports
from emulator.stack import Stack
from emulator.terminal.terminal import Terminal
from operations.audit.command import add_arguments as add_audit_arguments
from operations.redrive.command import add_arguments as add_redrive_arguments


def main() -> None:
    arguments = _parser().parse_args()
    try:
        sys.exit(arguments.run(arguments))
    except StackError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="Run Usher on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start everything: functions, Google's emulators, mail inbox")
    up.add_argument("--base-port", type=_base_port, default=8080, help="the first of the stack's ports (%(default)s)")
    up.add_argument(
        "--relay-every",
        type=float,
        default=10,
        metavar="SECONDS",
        help="how often the relay is called (%(default)s; in the cloud Cloud Scheduler does it every minute)",
    )
    up.set_defaults(run=_up)

    sign_up = commands.add_parser(
        "create-user", help="sign a user up; the password is prompted for or read from standard input"
    )
    sign_up.add_argument("--name", required=True)
    sign_up.add_argument("--email", required=True)
    sign_up.add_argument("--company")
    where = sign_up.add_mutually_exclusive_group()
    where.add_argument("--url", help="the deployed function's address, instead of the local stack's")
    where.add_argument("--base-port", type=_base_port, default=8080, help="the local stack's (%(default)s)")
    sign_up.set_defaults(run=_create_user)

    journey = commands.add_parser("trace", help="show the journey of a user who has signed up")
    journey.add_argument("user_id")
    journey.add_argument("--base-port", type=_base_port, default=8080, help="the local stack's (%(default)s)")
    journey.set_defaults(run=_trace)

    redrive = commands.add_parser("redrive", help="put back what was given up")
    redrive.add_argument("--base-port", type=_base_port, default=8080, help="the local stack's (%(default)s)")
    add_redrive_arguments(redrive)
    redrive.set_defaults(run=_redrive)

    audit = commands.add_parser("audit", help="decide on the stored data whether every promise holds")
    audit.add_argument("--base-port", type=_base_port, default=8080, help="the local stack's (%(default)s)")
    add_audit_arguments(audit)
    audit.set_defaults(run=lambda arguments: audit_locally(arguments, os.environ))
    return parser


def _base_port(text: str) -> int:
    port = int(text)
    if not 1024 <= port <= 65000:  # noqa: PLR2004  below is for root, above there is no room for the stack's ports
        raise argparse.ArgumentTypeError("must be between 1024 and 65000")
    return port


def _up(arguments: argparse.Namespace) -> int:
    stack = Stack(
        read_topology().with_topic(os.environ.get("EVENT_TOPIC")),
        Ports(arguments.base_port),
        schedule_seconds=arguments.relay_every,
        environ=os.environ,
        terminal=Terminal(sys.stdout, sys.stderr),
    )
    try:
        with suppress(asyncio.CancelledError):  # a signal asked for the end
            asyncio.run(stack.run())
    except* StackError as errors:
        # The first error is the cause; those that followed from it are not news.
        raise _first(errors) from None
    return 0


def _create_user(arguments: argparse.Namespace) -> int:
    ports = Ports(arguments.base_port)
    sign_up = {"name": arguments.name, "email": arguments.email, "password": _password()}
    if arguments.company:
        sign_up["company"] = arguments.company
    with httpx.Client(timeout=30, trust_env=bool(arguments.url)) as client:
        created = create_user(
            sign_up,
            url=arguments.url or f"http://{HOST}:{ports.base}/",
            inbox_url=None if arguments.url else f"http://{HOST}:{ports.ui}",
            client=client,
            say=print,
        )
    return 0 if created else 1


def _trace(arguments: argparse.Namespace) -> int:
    with httpx.Client(timeout=10, trust_env=False) as client:
        trace(arguments.user_id, ui_url=f"http://{HOST}:{Ports(arguments.base_port).ui}", client=client, say=print)
    return 0


def _redrive(arguments: argparse.Namespace) -> int:
    return redrive_locally(arguments, os.environ)


def _password() -> str:
    try:
        line = f"{getpass()}\n" if sys.stdin.isatty() else sys.stdin.readline()
        line.encode()  # in some locales, bytes that are not text have been read as surrogates
    except EOFError:
        print(file=sys.stderr)  # ends the prompt's line
        line = ""
    except UnicodeError as error:
        raise StackError("The password is not valid UTF-8: type it again.") from error
    if not line:
        raise StackError("No password was given: type one when prompted, or pass it as a line on standard input.")
    return line.rstrip("\r\n")


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
