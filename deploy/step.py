"""A step of the deployment: one value, which `up` and `down` carry out and `plan` prints."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Template

from blueprint.gcloud import Command

# What a command may print until all of Google's systems know of a new account, grant or API.
# Regular expressions that Python and Bash read alike.
NEW_ACCOUNT = "does not exist|Unknown service account"
NEW_CALLER = "http. NOT_FOUND"  # Cloud Scheduler, of the account that its job calls as
NEW_GRANT = "[Pp]ermission denied on secret|does not have storage|permission to read the image|permission to get access"
NEW_API = "SERVICE_DISABLED|has not been used in project"
NOTHING_THERE = f"NOT_FOUND|not found|{NEW_API}"
NEW_METRIC = "Cannot find metric"
CONFLICT = "concurrent policy changes|ABORTED|Resource .[a-z-]+. already exists"  # the last of a service
# A permission that is lacking, or an account that is new: Google does not tell which.
MAY_NOT_EXIST = (
    "denied on service account .*may not exist|denied on resource .*may not exist|the resource may not exist"
)
# Another run was faster, or gcloud has repeated a call whose answer it missed.
ALREADY_THERE = "ALREADY_EXISTS|already exists"
# Google names the time, after a database was deleted for instance: up to 5 minutes.
NAMED_PAUSE = "[Rr]etry in ([0-9]+) ?s"
PATIENCE_SECONDS = 300
# Most changes of access are known everywhere by then: https://cloud.google.com/iam/docs/access-change-propagation
ACCESS_SECONDS = 120


@dataclass(frozen=True)
class Payload:
    """
    What a command reads from standard input, a secret for instance.

    `read` is for `up`, and takes what `check` has printed; `bash` prints it, asks for it or makes it in a script.
    """

    read: Callable[[str], str]
    bash: str


def document(content: Mapping[str, object] | Sequence[object]) -> Payload:
    """A resource's description in JSON; `${FOUND}` in it is what `check` prints."""
    text = json.dumps(content, indent=2)
    quoted = shlex.quote(text).replace("${FOUND}", "'\"$FOUND\"'")
    return Payload(lambda found: text.replace("${FOUND}", found), f"printf %s {quoted}")


@dataclass(frozen=True)
class Step:
    """
    One thing that must hold in the project, and how to bring it about.

    Attributes:
        command: Makes it so; none where there is nothing to do unless it is refused. If it says that what `there` names
            exists, the step is already done.
        check: Where it prints the line `there`, or anything if no line is named, the step is already done.
        refusal: Where it is already done, this is printed and nothing further happens.
        update: Runs instead of `command` where it is already done; `${FOUND}` in it is what `check` prints.
        fills: The variable that takes what `command` prints, or what `check` prints where it looks for no line.
        payload: What `command` and `update` read from standard input.
        act: Runs in this process instead of a command, with the variables. Scripts have no such steps.
        retried: The command is repeated for `patience_seconds` if its message matches.
        undo: Removes it again; `${FOUND}` in it is what `check` prints. If it is already gone, that is not a failure.
        holds_data: It is undone only with --drop-data.
        may_fail: If it fails, that is shown, and the steps after it are carried out all the same.
    """

    sentence: str
    command: Command = ()
    check: Command = ()
    there: str | None = None
    refusal: str = ""
    update: Command = ()
    fills: str = ""
    payload: Payload | None = None
    act: Callable[[Mapping[str, str]], None] | None = None
    retried: str = f"{NEW_API}|{CONFLICT}"
    patience_seconds: int = PATIENCE_SECONDS
    undo: Command = ()
    holds_data: bool = False
    may_fail: bool = False


def literal(text: str) -> str:
    """Text as a word of a command, or part of one: a dollar sign in it means itself."""
    return text.replace("$", "$$")


def filled(command: Command, variables: Mapping[str, str]) -> Command:
    return tuple(Template(word).substitute(variables) for word in command)
