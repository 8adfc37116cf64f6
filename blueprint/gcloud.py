"""Runs the user's own gcloud, and says what to do when it fails."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable

from blueprint.advice import advice_on
from blueprint.topology import PROJECT_ROOT

# The words of a command. `${NAME}` in a word is a placeholder for what only the cloud knows: deploy/step.py.
Command = tuple[str, ...]
# Runs a command with a payload on its standard input, and returns what it prints.
Run = Callable[[Command, str | None], str]
# What releases say that have alerts in their alpha component only, 528 for one.
ALPHA_ONLY = "Invalid choice: 'policies'"


class GcloudError(Exception):
    """gcloud failed: the command, its own message, and what to do."""

    def __init__(self, command: Command, message: str) -> None:
        self.message = message.strip()
        project = next((word.removeprefix("--project=") for word in command if word.startswith("--project=")), "")
        advice = advice_on(self.message, project=project)
        super().__init__("\n".join(filter(None, [f"failed: {shlex.join(command)}", self.message, advice])))

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.message) is not None


class GcloudMissingError(Exception):
    """There is no gcloud on this machine."""


def run_gcloud(command: Command, payload: str | None = None) -> str:
    """
    Run the command in the project's folder, without prompts, and return what it prints.

    Raises:
        GcloudError: It failed.
        GcloudMissingError: There is no gcloud.
    """
    try:
        done = subprocess.run(
            command,
            input=payload or "",
            capture_output=True,
            text=True,
            check=False,
            cwd=PROJECT_ROOT,
            env={**os.environ, "CLOUDSDK_CORE_DISABLE_PROMPTS": "1"},
        )
    except FileNotFoundError as error:
        raise GcloudMissingError("gcloud is not installed: https://cloud.google.com/sdk/docs/install") from error
    if done.returncode and command[1] == "monitoring" and ALPHA_ONLY in done.stderr:
        return run_gcloud((command[0], "alpha", *command[1:]), payload)
    if done.returncode:
        raise GcloudError(command, done.stderr)
    return done.stdout.strip()
