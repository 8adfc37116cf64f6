"""Redrives on the local stack: what `python -m emulator redrive` does."""

from argparse import Namespace
from collections.abc import Mapping

from emulator.commands.servers import hosts_named, hosts_of_the_stack
from emulator.functions.environment import LOCAL_PROJECT
from emulator.processes.ports import Ports
from operations.redrive.command import redrive


def redrive_locally(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """
    Put back what `arguments` select, on the stack's servers or those `environ` names; return the exit code.

    Raises:
        StackError: No stack responds, and `environ` does not name all servers.
    """
    hosts = hosts_named(environ) or hosts_of_the_stack(Ports(arguments.base_port), environ)
    project = environ.get("GOOGLE_CLOUD_PROJECT") or LOCAL_PROJECT
    return redrive(arguments, project=project, emulators=hosts, topic=environ.get("EVENT_TOPIC"))
