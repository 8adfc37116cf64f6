"""Redrives on the local stack: what `python -m emulator redrive` does."""

from argparse import Namespace
from collections.abc import Mapping

import httpx

from emulator.commands.local_stack import ask_status
from emulator.functions.environment import LOCAL_PROJECT
from emulator.google.emulators import local_emulators
from emulator.processes.ports import HOST, Ports
from operations.redrive.command import redrive
from operations.redrive.system import EmulatorHosts


def redrive_locally(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """
    Put back what `arguments` select, on the stack's emulators or those `environ` names; return the exit code.

    Raises:
        StackError: No stack responds, and `environ` does not name both emulators.
    """
    ports = Ports(arguments.base_port)
    emulators = local_emulators(ports, environ)
    if not all(emulator.given for emulator in emulators):
        with httpx.Client(trust_env=False) as client:
            ask_status(f"http://{HOST}:{ports.ui}", client)
    hosts = EmulatorHosts(firestore=emulators.firestore.part.address, pubsub=emulators.pubsub.part.address)
    project = environ.get("GOOGLE_CLOUD_PROJECT") or LOCAL_PROJECT
    return redrive(arguments, project=project, emulators=hosts, topic=environ.get("EVENT_TOPIC"))
