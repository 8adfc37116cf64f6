"""Restarts a function when its code changes, and says when topology.toml does."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from watchfiles import awatch

from blueprint.bundle import sources_of, stage
from blueprint.topology import PROJECT_ROOT, TOPOLOGY_FILE, Function, TopologyError, read_topology
from emulator.processes.supervisor import Supervisor


async def restart_on_change(
    functions: Mapping[str, Function],
    supervisors: Mapping[str, Supervisor],
    *,
    say: Callable[[str], None],
    root: Path = PROJECT_ROOT,
) -> None:
    """Watch `functions/` until cancelled; stage and restart what a change affects."""
    async for changes in awatch(root / "functions", debounce=400):
        changed = {Path(path).relative_to(root) for _, path in changes}
        names = affected(changed, functions)
        if not names:
            continue
        say(f"{', '.join(map(str, sorted(changed)))} changed; restarting {', '.join(names)}")
        for name in names:
            try:
                await asyncio.to_thread(stage, name, functions[name], root)
            except (
                OSError
            ) as error:  # files come and go while an editor or git works; their last change comes here again
                say(f"{name} was not staged: {error}")
            else:
                supervisors[name].restart()


async def say_when_topology_changes(*, say: Callable[[str], None], root: Path = PROJECT_ROOT) -> None:
    """Watch topology.toml until cancelled: what it says applies from the next start on."""
    running = read_topology(root)
    # Its folder, because editors put a new file in its place.
    async for _ in awatch(root, recursive=False, watch_filter=lambda _, path: Path(path).name == TOPOLOGY_FILE):
        try:
            if read_topology(root) != running:
                say(f"{TOPOLOGY_FILE} changed: stop the stack and start it again to use it")
        except TopologyError as error:
            say(str(error))


def affected(changed: Iterable[Path], functions: Mapping[str, Function]) -> Collection[str]:
    """The names of the functions whose bundle contains one of the `changed` files, relative to the project's root."""
    return [
        name
        for name, function in functions.items()
        if any(path.is_relative_to(source) for path in changed for source in sources_of(function))
    ]
