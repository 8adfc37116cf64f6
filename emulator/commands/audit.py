"""Audits the local stack: what `python -m emulator audit` does."""

from argparse import Namespace
from collections.abc import Mapping

from requests import Session

from audit.settings import Settings
from blueprint.topology import read_topology
from emulator.broker import Place
from emulator.commands.servers import hosts_of_the_stack
from emulator.functions.environment import LOCAL_PROJECT, function_environment, local_settings
from emulator.nats.settings import policy_in_force, pusher_environment
from emulator.processes.ports import Ports
from operations.audit.command import audit_and_report
from operations.redrive.system import connect
from shared.broker.settings import Broker
from shared.runtime.settings import read_settings


def audit_locally(arguments: Namespace, environ: Mapping[str, str]) -> int:
    """
    Audit the stack on its emulators, or on those that `environ` names; return the exit status.

    Raises:
        StackError: No stack responds. It alone knows of messages.
    """
    topology, ports = read_topology(), Ports(arguments.base_port)
    hosts = hosts_of_the_stack(ports, environ)
    local = local_settings(ports, topology)
    if hosts.nats_url:
        environ = {**environ, "EVENT_BROKER": Broker.NATS, "NATS_URL": hosts.nats_url}
        place = Place(topology, ports, environ.get("GOOGLE_CLOUD_PROJECT") or LOCAL_PROJECT, environ)
        policy = policy_in_force(pusher_environment(place, hosts.nats_url), topology.push)
        local["ATTEMPTS_SECONDS"] = str(policy.attempts_seconds)
    environment = function_environment(topology.functions["audit"], local=local, emulator_hosts={}, environ=environ)
    settings = read_settings(Settings, environment)
    system = connect(settings.google_cloud_project, topology.events, hosts)
    session = Session()
    session.trust_env = False
    return audit_and_report(arguments, settings, client=system.firestore, session=session)
