"""Clients that each do one thing after the other, and how long each took."""

import json
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import local
from time import perf_counter, sleep
from urllib.parse import urlsplit

from shared.events.codec import Encoding, encode
from testkit.pushing import TOPIC, an_event, body_of
from testkit.signing_up import members

_REST_SECONDS = 0.005  # between one piece of work and the next, so that what one does after its answer meets no other
WARM_UP = 5
_KEPT_OPEN_SECONDS = 1


@dataclass(frozen=True)
class Load:
    """A bounded amount of work: how long all of it took, and each piece in seconds."""

    elapsed_seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.elapsed_seconds


def run(work: Callable[[], object], *, clients: int, times: int) -> Load:
    """
    Have `clients` do `work` so many times together, each one after the other.

    It ends with the last piece, so that no time passes in which less than all that is left is worked on.
    """
    started = perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        latencies = list(pool.map(lambda _: timed(work), range(times)))
    return Load(perf_counter() - started, latencies)


def timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def in_turns(works: Mapping[str, Callable[[], float]], *, blocks: int, each: int) -> dict[str, list[list[float]]]:
    """What each of the works returns, block by block. Their order changes, and a few times before do not count."""
    for work in works.values():
        for _ in range(WARM_UP):
            work()
    returned: dict[str, list[list[float]]] = {name: [[] for _ in range(blocks)] for name in works}
    for block in range(blocks):
        for _ in range(each):
            for name in random.sample([*works], len(works)):
                returned[name][block].append(works[name]())
                sleep(_REST_SECONDS)
    return returned


class HttpClient:
    """POSTs JSON; each thread keeps its own connection, unless it was idle: the server closes it after 2 s."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._path = parts.netloc, parts.path
        self._thread = _Connection()

    def post(self, body: bytes, *, expecting: int) -> bytes:
        connection = self._thread
        if perf_counter() - connection.used_at > _KEPT_OPEN_SECONDS:
            connection.http = HTTPConnection(self._host, timeout=60)
        connection.http.request("POST", self._path, body, {"Content-Type": "application/json"})
        response = connection.http.getresponse()
        answer: bytes = response.read()
        connection.used_at = perf_counter()
        assert response.status == expecting, (response.status, answer)
        return answer


class _Connection(local):
    used_at = float("-inf")
    http: HTTPConnection


def signing_up(url: str) -> Callable[[], object]:
    """A sign-up of somebody new."""
    client = HttpClient(url)
    return lambda: client.post(json.dumps(members()).encode(), expecting=201)


def pushing(url: str) -> Callable[[], object]:
    """A push of somebody's event."""
    client = HttpClient(f"{url}{TOPIC}")
    return lambda: client.post(json.dumps(body_of(encode(an_event(), Encoding.JSON))).encode(), expecting=200)
