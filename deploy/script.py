"""Prints steps as a Bash script of plain gcloud commands."""

import re
import shlex
from collections.abc import Iterable, Iterator

from blueprint.gcloud import ALPHA_ONLY, Command
from deploy.step import ALREADY_THERE, NAMED_PAUSE, PATIENCE_SECONDS, Step

_LINE_LENGTH = 105

_HEAD = r"""#!/usr/bin/env bash
# {title}
# Run it in Usher's directory. It is a single subshell, so it can also be pasted.
(
set -euo pipefail
export CLOUDSDK_CORE_DISABLE_PROMPTS=1

# What gcloud prints until all of Google's systems know of something new: retry then, for 5 minutes or as said.
passing='{passing}'
message=''
gcloud() {{
    local payload='' n
    [[ ! " $* " =~ \ --[a-z-]+=-\  ]] || payload=$(cat)
    for ((n = ${{patience:-300}}; n > 0; n -= 10)); do
        {{ message=$(printf %s "$payload" | command gcloud "$@" 2>&1 1>&3); }} 3>&1 && return
        if [[ $1 == monitoring && $message == *"{alpha_only}"* ]]; then
            set -- alpha "$@"
            continue
        fi
        [[ $message =~ $passing ]] || break
        [[ $message =~ {named_pause} ]] && sleep "${{BASH_REMATCH[1]}}"
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
    spoken = {
        "passing": "|".join([*passing, NAMED_PAUSE]),
        "named_pause": _pattern(NAMED_PAUSE),
        "alpha_only": ALPHA_ONLY,
    }
    return "\n".join([head.format(title=title, **spoken), *lines, ")"])


def _pattern(expression: str) -> str:
    """A regular expression where Bash reads one."""
    return expression.replace(" ", "\\ ")


def up_lines(steps: Iterable[Step]) -> Iterator[str]:
    """The steps; `left_out` names those that failed and stopped nothing."""
    yield f"already_there() {{ [[ $message =~ {_pattern(ALREADY_THERE)} ]] && echo 'Already done.'; }}"
    yield "left_out=()"
    for step in steps:
        yield f"echo {shlex.quote(step.sentence)}"
        if step.payload:
            yield f"given() {{ {step.payload.bash}; }}"
        lines = list(_unless_there(step)) if step.check else [_filling(step, _changing(step, step.command))]
        # A list joined by && or followed by || is exempt from `set -e`: each part of it is one command.
        yield from [*lines[:-1], f"{lines[-1]} || {_leaving_out(step)}"] if step.may_fail else lines
        yield ""


def left_out_line(sentence: str) -> str:
    """Names what was left out, at the end."""
    named = '"${left_out[@]/#/- }"'
    return f"((${{#left_out[@]}} == 0)) || printf '%s\\n' {shlex.quote(sentence)} {named} >&2"


def _unless_there(step: Step) -> Iterator[str]:
    if step.refusal:
        already = f"printf '%s\\n' {shlex.quote(step.refusal)} >&2; {'false' if step.may_fail else 'exit 2'}"
    elif step.update:
        already = _changing(step, step.update)
    elif step.fills and step.there is None:
        already = ""
    else:
        already = "echo 'Already done.'"
    found = f"FOUND=$({bash(step.check)})"
    yield f"{{ {found} &&" if step.may_fail else found
    yield f'if grep -qx{"F " + _word(step.there) if step.there else "E .+"} <<<"$FOUND"; then'
    if step.fills and step.there is None:
        yield f"    {step.fills}=$FOUND"
    if already:
        yield f"    {already}"
    if step.command:
        made = _filling(step, _changing(step, step.command))
        again = f"{{ already_there && {already}; }} || false" if step.update else "already_there"
        yield from ["else", f"    {made} || {again}" if step.there else f"    {made}"]
    yield "fi; }" if step.may_fail else "fi"


def _changing(step: Step, command: Command) -> str:
    """The command, with what it reads and how long it is repeated."""
    given = " < <(given)" if step.payload else ""  # not piped: `message` would stay in a subshell
    patience = f"patience={step.patience_seconds} " if step.patience_seconds != PATIENCE_SECONDS else ""
    return patience + bash(command) + given


def _leaving_out(step: Step) -> str:
    left_out = f"left_out+=({shlex.quote(step.sentence)})"
    return f"{{ {left_out}; {step.fills}=''; }}" if step.fills else left_out


def _filling(step: Step, command: str) -> str:
    return f"{step.fills}=$({command})" if step.fills else command


def down_lines(steps: Iterable[Step], *, drop_data: bool) -> Iterator[str]:
    for step in reversed(list(steps)):
        if step.undo and (drop_data or not step.holds_data):
            yield f"# Undo: {step.sentence}"
            undoing = f"{bash(step.undo)} || echo 'It may already be gone: see the message above.' >&2"
            if "${FOUND}" in step.undo:
                yield f"for FOUND in $({bash(step.check)}); do"
                yield f"    {undoing}"
                yield "done"
            else:
                yield undoing
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
