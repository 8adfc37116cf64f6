"""Prints steps as a Bash script of plain gcloud commands."""

import re
import shlex
from collections.abc import Iterable, Iterator

from blueprint.gcloud import Command
from deploy.step import Step

_LINE_LENGTH = 105

_HEAD = r"""#!/usr/bin/env bash
# {title}
# Run it in Usher's directory. It is a single subshell, so it can also be pasted.
(
set -euo pipefail
export CLOUDSDK_CORE_DISABLE_PROMPTS=1

# What gcloud prints until all of Google's systems know of something new: retry then, for at most 5 minutes.
passing='{passing}'
gcloud() {{
    local message
    for _ in {{1..30}}; do
        {{ message=$(command gcloud "$@" 2>&1 1>&3); }} 3>&1 && return
        [[ $message =~ $passing ]] || break
        sleep 10
    done
    printf '%s\n' "$message" >&2
    return 1
}}
"""


def script(title: str, lines: Iterable[str], steps: Iterable[Step] = ()) -> str:
    """A whole script of these lines; what the steps retry is retried."""
    passing = sorted({pattern for step in steps for pattern in step.retried.split("|")})
    head = _HEAD if passing else _HEAD.partition("# What gcloud")[0]
    return "\n".join([head.format(title=title, passing="|".join(passing)), *lines, ")"])


def up_lines(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        yield f"echo {shlex.quote(step.sentence)}"
        if step.check:
            yield from _unless_there(step)
        else:
            yield _filling(step, bash(step.command))
        yield ""


def _unless_there(step: Step) -> Iterator[str]:
    # Standard input can be read only once: such a command is not repeated.
    command = f"{step.payload.bash} | command {bash(step.command)}" if step.payload else bash(step.command)
    if step.refusal:
        already = f"printf '%s\\n' {shlex.quote(step.refusal)} >&2; exit 2"
    elif step.update:
        already = bash(step.update)
    elif step.fills and step.there is None:
        already = f"{step.fills}=$found"
    else:
        already = "echo 'Already done.'"
    yield f"found=$({bash(step.check)})"
    yield f'if grep -qx{"F " + _word(step.there) if step.there else "E .+"} <<<"$found"; then'
    yield f"    {already}"
    yield from (["else", f"    {_filling(step, command)}", "fi"] if command else ["fi"])


def _filling(step: Step, command: str) -> str:
    return f"{step.fills}=$({command})" if step.fills else command


def down_lines(steps: Iterable[Step], *, drop_data: bool) -> Iterator[str]:
    for step in reversed(list(steps)):
        if step.undo and (drop_data or not step.holds_data):
            yield f"# Undo: {step.sentence}"
            if "${FOUND}" in step.undo:
                yield f"FOUND=$({bash(step.check)})"
            yield f"{bash(step.undo)} || echo 'It may already be gone: see the message above.' >&2"
            yield ""


def bash(command: Command) -> str:
    """The command in Bash; a long one continues on further lines."""
    line = ""
    for word in map(_word, command):
        glue = " \\\n        " if len(line.rpartition("\n")[2]) + len(word) > _LINE_LENGTH else " "
        line += glue + word if line else word
    return line


def _word(word: str) -> str:
    """A word with `${NAME}` in it is put in double quotes, any other as the shell needs it."""
    if "${" not in word.replace("$$", ""):
        return shlex.quote(word.replace("$$", "$"))
    return '"' + re.sub(r'[\\"`]', r"\\\g<0>", word).replace("$$", r"\$") + '"'
