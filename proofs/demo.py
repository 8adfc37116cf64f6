"""
Pull the plug, watch it heal: Usher and the quickstart side by side, under the same faults, for a minute.

    make demo
"""

import argparse
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from rich.console import Console
from rich.live import Live

from proofs.demo_recording import write_recording
from proofs.demo_script import SCRIPT
from proofs.demo_view import WIDTH, Frame, render
from proofs.long_run import relayed
from proofs.long_run_clients import Outcome, SignUp, plan, sign_up_all
from proofs.long_run_world import Peer, World
from proofs.score import Fate, Score, fates, score
from proofs.score_reading import Observer
from testkit.stack import LocalStack

_SEED = 3
_USERS = 150
_CLIENTS = 10
_LONGEST_PAUSE_SECONDS = 5.0
_MOST_SECONDS = 75
_FRAME_SECONDS = 1.0


class _Side:
    """One peer in its world, with people who sign up."""

    def __init__(self, world: World, planned: list[SignUp]) -> None:
        self.world = world
        self._observer = Observer(world)
        self._outcomes: list[Outcome] = []
        self._clients = Thread(
            target=sign_up_all,
            args=(world.url, planned, self._outcomes),
            kwargs={"clients": _CLIENTS, "longest_pause_seconds": _LONGEST_PAUSE_SECONDS},
        )
        self._clients.start()

    def look(self) -> tuple[Score, bool]:
        """Its score at this moment, and whether it has settled: all signed up, and everyone's mail has gone out."""
        seen = self._observer.observe(self._outcomes)
        is_settled = not self._clients.is_alive() and set(fates(seen)) <= {Fate.MAILED, Fate.RECORDED}
        return score(seen), is_settled

    def finish(self) -> None:
        self._clients.join()


def play(stack: LocalStack, console: Console) -> list[Frame]:
    """Play the script on the terminal, and return what was shown, a frame a second."""
    planned = [each for each in plan(_USERS, _SEED) if not each.address.startswith("refused.")]
    frames = []
    with ExitStack() as worlds:
        running = {peer: worlds.enter_context(World.running(stack, peer)) for peer in Peer}
        for world in running.values():
            worlds.enter_context(relayed(world, _SEED))
        sides = {peer: _Side(world, planned) for peer, world in running.items()}
        for side in sides.values():
            worlds.callback(side.finish)
        started = time.monotonic()
        with Live(console=console, auto_refresh=False) as live:
            for frame in _frames(sides, len({each.address for each in planned}), started):
                frames.append(frame)
                live.update(render(frame), refresh=True)
    return frames


def _frames(sides: Mapping[Peer, _Side], planned: int, started: float) -> Iterator[Frame]:
    script = deque(SCRIPT)
    scene = script[0]
    while True:
        seconds = time.monotonic() - started
        while script and script[0].seconds <= seconds:
            scene = script.popleft()
            for side in sides.values():
                scene.act(side.world)
        looks = {peer: side.look() for peer, side in sides.items()}
        scores = {peer: current for peer, (current, _) in looks.items()}
        is_over = not script and (seconds > _MOST_SECONDS or all(is_settled for _, is_settled in looks.values()))
        yield Frame(seconds, scene.words, scene.down, scores, planned, is_over=is_over)
        if is_over:
            return
        time.sleep(_FRAME_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Usher and the quickstart under the same faults.")
    parser.add_argument("--record", type=Path, help="also write what was shown, as an animated SVG")
    record = parser.parse_args().record
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(width=WIDTH, highlight=False)
    console.print("Starting Google's emulators, Usher and the quickstart ...")
    with LocalStack.running() as stack:
        frames = play(stack, console)
    if record:
        write_recording([render(frame) for frame in frames], record, width=WIDTH, seconds_per_frame=_FRAME_SECONDS / 2)
    return 0 if frames[-1].scores[Peer.USHER].keeps_promises else 1


if __name__ == "__main__":
    sys.exit(main())
