"""Audits the local stack: what `python -m emulator audit` does."""

from argparse import Namespace
from collections.abc import Mapping

import httpx
from requests import Session

from audit.settings import Settings
from blueprint.topology import read_topology
from emulator.commands.local_stack import ask_status
from emulator.functions.environment import function_environment, local_settings
from emulator.google.emulators import local_emulators
from emulator.processes.ports import HOST, Ports
from operations.audit.command import audit_and_report
from operations.redrive.system import EmulatorHosts, connect
from shared.runtime.settings import read_settings


def audit_locally(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """
    Audit the stack on its emulators, or on those that `environ` names; return the exit status.

    Raises:
        StackError: No stack responds. It alone knows of messages.
    """
    topology, ports = read_topology(), Ports(arguments.base_port)
    with httpx.Client(trust_env=False) as client:
        ask_status(f"http://{HOST}:{ports.ui}", client)
    emulators = local_emulators(ports, environ)
    environment = function_environment(
        topology.functions["audit"], local=local_settings(ports, topology), emulator_hosts={}, environ=environ
    )
    settings = read_settings(Settings, environment)
    hosts = EmulatorHosts(firestore=emulators.firestore.part.address, pubsub=emulators.pubsub.part.address)
    system = connect(settings.google_cloud_project, topology.events, hosts)
    session = Session()
    session.trust_env = False
    return audit_and_report(arguments, settings, client=system.firestore, session=session)
