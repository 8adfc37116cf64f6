"""The environment of the tests without what their user may have set for a stack."""

import os

from blueprint.topology import read_topology
from emulator.nats.settings import PUSHER_SETTINGS
from operations.redrive.system import EMULATORS


def own_environment() -> dict[str, str]:
    functions = read_topology().functions.values()
    settings = {name for function in functions for name in [*function.settings, *function.secrets]}
    ours = settings.union(EMULATORS, PUSHER_SETTINGS)
    return {name: value for name, value in os.environ.items() if name not in ours}
