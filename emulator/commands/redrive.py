"""Redrives on the local stack: what `python -m emulator redrive` does."""

import os
from argparse import Namespace

from emulator.functions.environment import LOCAL_PROJECT
from emulator.processes.ports import HOST, Ports
from operations.redrive import command


def redrive(arguments: Namespace) -> int:
    """Put back what `arguments` select; return the exit code. Google's libraries find the emulators by environment."""
    ports = Ports(arguments.base_port)
    os.environ.setdefault("FIRESTORE_EMULATOR_HOST", f"{HOST}:{ports.firestore}")
    os.environ.setdefault("PUBSUB_EMULATOR_HOST", f"{HOST}:{ports.pubsub}")
    project = os.environ.get("GOOGLE_CLOUD_PROJECT") or LOCAL_PROJECT
    return command.run(arguments, project=project, environ=os.environ, topic=os.environ.get("EVENT_TOPIC"))
