"""`python -m pusher`."""

import argparse
import asyncio
import os
import signal
import sys

from blueprint.topology import PROJECT_ROOT, Topology, TopologyError, read_topology

sys.path.append(str(PROJECT_ROOT / "functions"))  # shared is there

from pusher.pusher import broker_of, push_events
from pusher.settings import Settings
from shared.runtime import logs
from shared.runtime.settings import SettingsError, read_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m pusher", description="Push what is on NATS to the subscribers.")
    parser.add_argument(
        "--create-streams", action="store_true", help="create what is missing of streams and consumers, and exit"
    )
    arguments = parser.parse_args()
    try:
        settings = read_settings(Settings, os.environ)
        topology = settings.pushed(read_topology())
    except (SettingsError, TopologyError) as error:
        print(error, file=sys.stderr)
        return 1
    logs.configure(settings.google_cloud_project)
    asyncio.run((_create_streams if arguments.create_streams else _push)(settings, topology))
    return 0


async def _create_streams(settings: Settings, topology: Topology) -> None:
    """Wait for the server as long as it takes."""
    broker = broker_of(settings, topology)
    await broker.usable()
    await broker.close()


async def _push(settings: Settings, topology: Topology) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await push_events(settings, topology, stopping=stopping)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # before it pushes
        sys.exit(130)
