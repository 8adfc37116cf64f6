"""The command line: `python -m emulator up` and the commands that talk to the stack it runs."""

import argparse
import asyncio
import os
import re
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from getpass import getpass

import httpx

from blueprint.topology import PROJECT_ROOT, TopologyError, read_topology
from emulator.commands.audit import audit_locally
from emulator.commands.create_user import create_user
from emulator.commands.redrive import redrive_locally
from emulator.commands.status import open_ui, show_status
from emulator.commands.trace import trace
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST, Ports
from emulator.proxies import past_proxies
from emulator.stack import Stack
from emulator.terminal.terminal import Terminal
from operations.audit.command import add_arguments as add_audit_arguments
from operations.redrive.command import add_arguments as add_redrive_arguments


def main() -> None:
    os.environ.update(past_proxies(os.environ))
    try:
        arguments = _parser().parse_args()
        sys.exit(arguments.run(arguments))
    except (StackError, TopologyError) as error:
        sys.exit(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="Run Usher on this machine.")
    parser.add_argument(
        "--version", dest="run", action="store_const", const=_version, help="show the version of Usher and exit"
    )

    def show_help(_: argparse.Namespace) -> int:
        parser.print_help()
        return 2  # like other usage errors

    parser.set_defaults(run=show_help)
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], explanation: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=explanation, description=f"{explanation[0].upper()}{explanation[1:]}.")
        added.set_defaults(run=run)
        return added

    up = command("up", _up, "start everything: functions, Google's emulators, inbox and local UI")
    _add_base_port(up, "the first of the stack's ports")
    up.add_argument(
        "--relay-every",
        type=_seconds,
        default=10,
        metavar="SECONDS",
        help="how often the relay is called (%(default)s; in the cloud Cloud Scheduler does it every minute)",
    )
    _add_base_port(command("status", _status, "show what is up, where and since when; fails if anything is not ready"))
    _add_base_port(command("open", _open, "open the local UI in the browser"))

    sign_up = command(
        "create-user", _create_user, "sign a user up; the password is prompted for or read from standard input"
    )
    sign_up.add_argument("--name", type=_text, required=True)
    sign_up.add_argument("--email", type=_text, required=True)
    sign_up.add_argument("--company", type=_text)
    where = sign_up.add_mutually_exclusive_group()
    where.add_argument("--url", type=_text, help="the deployed function's address, instead of the local stack's")
    _add_base_port(where)

    journey = command("trace", _trace, "show the journey of a user who has signed up, in order of time")
    journey.add_argument("who", metavar="WHO", type=_text, help="the user's address or ID, or the event's ID")
    _add_base_port(journey)

    redrive = command("redrive", _redrive, "put back what was given up")
    _add_base_port(redrive)
    add_redrive_arguments(redrive)

    audit = command("audit", _audit, "decide on the stored data whether every promise holds")
    _add_base_port(audit)
    add_audit_arguments(audit)
    return parser


def _add_base_port(parser: argparse._ActionsContainer, meaning: str = "the local stack's first port") -> None:
    parser.add_argument("--base-port", type=_base_port, default=8080, metavar="PORT", help=f"{meaning} (%(default)s)")


def _base_port(text: str) -> int:
    # Below is for root, above there is no room for the stack's ports.
    if not re.fullmatch("[0-9]{4,5}", text) or not 1024 <= int(text) <= 65000:  # noqa: PLR2004  said above
        raise argparse.ArgumentTypeError(f"must be a number between 1024 and 65000 (got {text})")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0 and below 100000 (got {text})")
    return float(text)


def _text(text: str) -> str:
    try:
        text.encode()  # bytes that are not text have been read as surrogates
    except UnicodeError:
        raise argparse.ArgumentTypeError("must be valid UTF-8") from None
    return text


def _version(_: argparse.Namespace) -> int:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text())["project"]
    print(f"Usher {project['version']}")
    return 0


def _up(arguments: argparse.Namespace) -> int:
    topology = read_topology().with_topic(os.environ.get("EVENT_TOPIC"))
    try:
        with Terminal.unblocked() as terminal, suppress(asyncio.CancelledError):  # a signal asked for the end
            stack = Stack(
                topology,
                Ports(arguments.base_port),
                schedule_seconds=arguments.relay_every,
                environ=os.environ,
                terminal=terminal,
            )
            asyncio.run(stack.run())
    except* StackError as errors:
        # The first error is the cause; those that followed from it are not news.
        cause = _first(errors)
    else:
        return 0
    raise cause  # not in the handler: Python 3.11.2 would raise it inside a group


def _status(arguments: argparse.Namespace) -> int:
    with _client() as client:
        return 0 if show_status(_ui_url(arguments), client, print) else 1


def _open(arguments: argparse.Namespace) -> int:
    with _client() as client:
        open_ui(_ui_url(arguments), client, print)
    return 0


def _create_user(arguments: argparse.Namespace) -> int:
    sign_up = {"name": arguments.name, "email": arguments.email, "password": _password()}
    if arguments.company:
        sign_up["company"] = arguments.company
    with httpx.Client(timeout=30, trust_env=bool(arguments.url)) as client:
        created = create_user(
            sign_up,
            url=arguments.url or f"http://{HOST}:{arguments.base_port}/",
            ui_url=None if arguments.url else _ui_url(arguments),
            client=client,
            say=print,
        )
    return 0 if created else 1


def _trace(arguments: argparse.Namespace) -> int:
    with _client() as client:
        trace(arguments.who, ui_url=_ui_url(arguments), client=client, say=print)
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    return audit_locally(arguments, os.environ)


def _client() -> httpx.Client:
    return httpx.Client(timeout=10, trust_env=False)


def _ui_url(arguments: argparse.Namespace) -> str:
    return f"http://{HOST}:{Ports(arguments.base_port).ui}"


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
