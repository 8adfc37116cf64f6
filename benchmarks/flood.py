"""
Requests at a fixed rate, however slow the answers: `python -m benchmarks.flood HOST:PORT A_SECOND SECONDS`.

The bodies are the lines of its input. In a process of its own, which prints what came of them, it takes little from
those that are measured.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from subprocess import PIPE, Popen
from urllib.parse import urlsplit

_CONNECTIONS = 64  # where all wait for answers, a request is left out
_GRACE_SECONDS = 30  # for the answers that are missing in the end
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextmanager
def flooding(url: str, bodies: Sequence[bytes], *, per_second: int, seconds: int) -> Iterator[Counter[str]]:
    """Send the bodies in turns, for so long or less; then it counts the answers by status, and what was left out."""
    came_of_it: Counter[str] = Counter()
    command = [sys.executable, "-m", "benchmarks.flood", urlsplit(url).netloc, str(per_second), str(seconds)]
    with Popen(command, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"\n".join(bodies))
        process.stdin.close()
        assert process.stdout.readline() == b"started\n"
        yield came_of_it
        came_of_it.update(json.loads(process.stdout.read()))


async def _flood(address: str, bodies: Sequence[bytes], *, per_second: int, seconds: int) -> Counter[str]:
    host, _, port = address.partition(":")
    head = f"POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: "
    requests = [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies]
    idle: list[Connection] = []
    came_of_it: Counter[str] = Counter()
    under_way: set[asyncio.Task[None]] = set()

    async def send(request: bytes) -> None:
        with suppress(OSError, EOFError):
            came_of_it["sent"] += 1
            reader, writer = idle.pop() if idle else await asyncio.open_connection(host, int(port))
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            came_of_it[answer[9:12].decode()] += 1
            idle.append((reader, writer))

    clock = asyncio.get_running_loop().time
    started = clock()
    for number, request in zip(range(per_second * seconds), cycle(requests), strict=False):
        await asyncio.sleep(started + number / per_second - clock())
        if len(under_way) == _CONNECTIONS:
            came_of_it["left out"] += 1
            continue
        task = asyncio.create_task(send(request))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    if under_way:
        await asyncio.wait(under_way, timeout=_GRACE_SECONDS)
    return came_of_it


if __name__ == "__main__":
    address, per_second, seconds = sys.argv[1:]
    bodies = sys.stdin.buffer.read().splitlines()
    print("started", flush=True)
    print(json.dumps(asyncio.run(_flood(address, bodies, per_second=int(per_second), seconds=int(seconds)))))
