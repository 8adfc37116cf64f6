"""Finds the servers of the local stack that runs on this machine, or those that the environment names."""

from collections.abc import Mapping

import httpx

from emulator.brokers import broker_of
from emulator.commands.local_stack import ask_status
from emulator.processes.errors import StackError
from emulator.processes.ports import HOST, Ports
from operations.redrive.system import EmulatorHosts
from shared.broker.nats_settings import NatsUrl
from shared.broker.settings import Broker


def hosts_named(environ: Mapping[str, str]) -> EmulatorHosts | None:
    """
    Where they are, if `environ` names them all.

    Raises:
        StackError: NATS_URL is not one.
    """
    is_on_nats = broker_of(environ) is Broker.NATS
    firestore, pubsub = environ.get("FIRESTORE_EMULATOR_HOST"), environ.get("PUBSUB_EMULATOR_HOST", "")
    nats_url = _nats_url(environ) if is_on_nats else ""
    if firestore and (nats_url if is_on_nats else pubsub):
        return EmulatorHosts(firestore=firestore, pubsub=pubsub, nats_url=nats_url)
    return None


def hosts_of_the_stack(ports: Ports, environ: Mapping[str, str]) -> EmulatorHosts:
    """
    Where the stack says that they are. A login at NATS, which it does not show, is in `environ`.

    Raises:
        StackError: No stack responds, or NATS_URL is not one.
    """
    with httpx.Client(trust_env=False) as client:
        parts = ask_status(f"http://{HOST}:{ports.ui}", client).parts
    return EmulatorHosts(
        firestore=parts["firestore"].address,
        pubsub=parts["pubsub"].address if "pubsub" in parts else "",
        nats_url=(_nats_url(environ) or f"nats://{parts['nats'].address}") if "nats" in parts else "",
    )


def _nats_url(environ: Mapping[str, str]) -> str:
    given = environ.get("NATS_URL", "").strip()
    try:
        return NatsUrl.parse(given) if given else ""
    except ValueError as error:
        raise StackError(f"NATS_URL {error}") from error
