"""The gcloud commands in a script or a document, as gcloud's own parser checks them."""

import json
import re
import shlex
import subprocess
from pathlib import Path

from blueprint.gcloud import ALPHA_ONLY

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
    starts = re.finditer(r"(?m)(?:^\s*|\$\(|\| |command |patience=\d+ )(gcloud [^\n]*)", joined)
    return [_plain(match[1]) for match in starts if '"$@"' not in match[1]]


def lint_faults(gcloud: str, commands: list[str], folder: Path, environment: dict[str, str]) -> list[str]:
    """What gcloud's parser says against the commands. What is alpha in this release is called as alpha."""
    rejected = _rejected(gcloud, commands, folder, environment)
    alpha = {
        one: one.replace("gcloud ", "gcloud alpha ", 1) for one, message in rejected.items() if ALPHA_ONLY in message
    }
    rejected = {one: said for one, said in rejected.items() if one not in alpha}
    if alpha:
        rejected |= _rejected(gcloud, [*alpha.values()], folder, environment)
    return [f"{command}: {message}" for command, message in rejected.items()]


def _rejected(gcloud: str, commands: list[str], folder: Path, environment: dict[str, str]) -> dict[str, str]:
    file = folder / "commands.json"
    file.write_text(json.dumps([{"command_string": command} for command in commands]))
    done = subprocess.run(
        [gcloud, "meta", "lint-gcloud-commands", f"--commands-file={file}"],
        env=environment,
        input="[]",  # for --policy=-, which the parser reads
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(done.stdout)
    assert len(results) == len(commands)
    return {one["command_string"]: one["error_message"] for one in results if not one["success"]}


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
