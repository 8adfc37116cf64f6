"""Runs the user's own gcloud, and says what to do when it fails."""

import os
import re
import shlex
import subprocess
from collections.abc import Callable

from blueprint.topology import PROJECT_ROOT

# The words of a command. `${NAME}` in a word is a placeholder for what only the cloud knows: deploy/step.py.
Command = tuple[str, ...]
# Runs a command with a payload on its standard input, and returns what it prints.
Run = Callable[[Command, str | None], str]
# What gcloud says, and what helps. The first that matches.
_ADVICE = {
    r"requireInvokerIam|invoker_iam_disabled": "Your organization allows no public services"
    " (constraints/run.managed.requireInvokerIam). Ask its policy administrator to exempt this project, or leave out"
    " --public: callers then need roles/run.invoker.",
    r"run\.allowedIngress": "Your organization restricts who may reach services (constraints/run.allowedIngress)."
    " Ask its policy administrator to allow this project `all`, for create-user, and `internal`, for the others.",
    r"[Bb]illing": "Link a billing account to the project: https://console.cloud.google.com/billing/linkedaccount",
    r"Build failed|build .*failed": "Read the build log at the address above: a lock file may be stale (make lock).",
    r"[Qq]uota|RESOURCE_EXHAUSTED": "Wait, or request more quota: https://console.cloud.google.com/iam-admin/quotas",
    r"PERMISSION_DENIED|[Pp]ermission|\b403\b": "Ask the project's owner for the permission named above.",
    r"gcloud auth login|Reauthentication|credentials": "Log in: gcloud auth login",
    r"command group installed": "Install it: gcloud components install alpha beta",
    r"Invalid choice": "Update gcloud: gcloud components update",
    r"reachable|onnection|timed out|Max retries|resolve": "Check the network connection.",
}


class GcloudError(Exception):
    """gcloud failed: the command, its own message, and what to do."""

    def __init__(self, command: Command, message: str) -> None:
        self.message = message.strip()
        advice = next((advice for said, advice in _ADVICE.items() if re.search(said, message)), "")
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
    if done.returncode:
        raise GcloudError(command, done.stderr)
    return done.stdout.strip()
