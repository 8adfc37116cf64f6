"""The gcloud commands in a script or a document, as gcloud's own parser checks them."""

import json
import re
import shlex
import subprocess
from pathlib import Path

_STAND_INS = {
    "PROJECT_NUMBER": "123456789012",
    "FOUND": "projects/p/alertPolicies/1",
    "labels": "app=usher",
    "revision": "create-user-1",
    "name": "create-user",
}


def gcloud_commands(text: str) -> list[str]:
    """Each command without variables: it starts a line, or follows `$(`, a pipe or `command`."""
    joined = text.replace("\\\n", " ")
    starts = re.finditer(r"(?m)(?:^\s*|\$\(|\| |command )(gcloud [^\n]*)", joined)
    return [_plain(match[1]) for match in starts if '"$@"' not in match[1]]


def lint_faults(gcloud: str, commands: list[str], folder: Path, environment: dict[str, str]) -> list[str]:
    """What gcloud's parser says against the commands."""
    file = folder / "commands.json"
    file.write_text(json.dumps([{"command_string": command} for command in commands]))
    done = subprocess.run(
        [gcloud, "meta", "lint-gcloud-commands", f"--commands-file={file}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(done.stdout)
    assert len(results) == len(commands)
    return [f"{one['command_string']}: {one['error_message']}" for one in results if not one["success"]]


def _plain(command: str) -> str:
    """Up to the end of the command itself, with values in the place of variables."""
    text = re.sub(r"\$\{(\w+)\}", lambda match: _STAND_INS.get(match[1], "https://x.example"), command)
    text = re.sub(r"\$\((?:[^()]|\([^()]*\))*\)", "value", text)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=")|;&<>")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if set(word) <= set(")|;&<>"):
            break
        words.append(word)
    return shlex.join(words)
