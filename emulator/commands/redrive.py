"""Redrives on the local stack: what `python -m emulator redrive` does."""

from argparse import Namespace
from collections.abc import Mapping

from emulator.functions.environment import LOCAL_PROJECT
from emulator.google.emulators import local_emulators
from emulator.processes.ports import Ports
from operations.redrive.command import redrive
from operations.redrive.system import EmulatorHosts


def redrive_locally(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """Put back what `arguments` select, on the stack's emulators or those `environ` names; return the exit code."""
    emulators = local_emulators(Ports(arguments.base_port), environ)
    hosts = EmulatorHosts(firestore=emulators.firestore.part.address, pubsub=emulators.pubsub.part.address)
    project = environ.get("GOOGLE_CLOUD_PROJECT") or LOCAL_PROJECT
    return redrive(arguments, project=project, emulators=hosts, topic=environ.get("EVENT_TOPIC"))
