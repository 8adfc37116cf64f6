"""Ports that nothing listens on."""

import secrets

from emulator.processes.ports import is_free


def free_port() -> int:
    """One that the system gives to nobody who asks for any: another would take it before it is bound."""
    while not is_free(port := secrets.choice(range(10000, 20000))):
        pass
    return port


def free_base_port() -> int:
    """A port with nine free ones after it, below those that the system gives to clients."""
    while True:
        base = secrets.choice(range(20000, 32000, 10))
        if all(is_free(port) for port in range(base, base + 10)):
            return base
