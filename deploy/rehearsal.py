"""Starts each function here with the settings that it would get, so that faults show before anything is deployed."""

import os
import subprocess
import sys
from string import Template

from blueprint.bundle import stage
from deploy.deployment import Deployment

# Long enough for a pepper or a key, and in their form.
_STAND_IN = "1:" + "x" * 48


def rehearse(deployment: Deployment) -> list[str]:
    """Stage the functions to deploy, and return the complaints of those that do not start."""
    complaints = []
    for name, function in deployment.functions().items():
        bundle = stage(name, function)
        environment = deployment.environment(function).items()
        settings = {key: Template(value).substitute(PROJECT_NUMBER="1") for key, value in environment}
        started = subprocess.run(
            [sys.executable, "-c", _START, function.target, str(bundle / "main.py")],
            capture_output=True,
            text=True,
            check=False,
            cwd=bundle,  # a file that a setting names is there, or missing, as in the cloud
            env={
                "PATH": os.environ.get("PATH", ""),
                "FUNCTION_TARGET": function.target,
                "PYTHONDONTWRITEBYTECODE": "1",  # the bundle is uploaded as it is
                **settings,
                **dict.fromkeys(deployment.secrets(function), _STAND_IN),
            },
        )
        if started.returncode:
            complaints.append(f"{name} does not start:\n{started.stderr.strip().rpartition('SettingsError: ')[2]}")
    return complaints


_START = "import sys; from functions_framework import create_app; create_app(*sys.argv[1:])"
