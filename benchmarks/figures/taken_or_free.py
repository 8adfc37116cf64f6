"""Whether the time of `POST /sign-ups` tells a taken address from a free one, behind calls that take long."""

import json
import random
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Row
from benchmarks.load import HttpClient, timed
from benchmarks.rank_test import standard_score
from benchmarks.stored import store_users
from benchmarks.world import FAR_SECONDS, VERIFYING, World
from proofs.explore.mutation import Mutant
from testkit.project import emulators_of
from testkit.signing_up import an_address

OF_EACH, OF_EACH_BY_THE_MUTANT = 200, 50
INDISTINGUISHABLE, NOTICED = 4, 6  # standard deviations
PARALLEL = 5
_INSTANCES = 8  # asked at the same time: what they wait for takes far longer than what the machine does
ONE_CALL_MORE = Mutant(
    "a holder is looked up only where there is one",
    "create_user.sign_up_requests",
    "requests.address_of(requested.holder or UserId(str(uuid4())))",
    "requested.holder and requests.address_of(requested.holder)",
)
Seconds = Mapping[str, Mapping[str, list[float]]]  # by which request, of taken and of free addresses


def measure(world: World) -> Figure:
    project = world.new_project()
    with emulators_of(world.stack):
        taken = store_users(Client(project=project), 600)
    seconds = {}
    with TemporaryDirectory() as folder, world.far_away() as far:
        several = [{**VERIFYING, **far}] * _INSTANCES
        for whose, source, many in (
            ("ours", None, OF_EACH),
            ("mutant", _mutated(world, Path(folder)), OF_EACH_BY_THE_MUTANT),
        ):
            with world.serving_several("create_user", source, several, project=project) as functions:
                urls = [f"{function.url}sign-ups" for function in functions]
                _ask(urls, [an_address() for _ in urls])  # opens their connections
                seconds[whose] = {way: _requests(asked, taken, many) for way, asked in _ways(urls).items()}
    return Figure(
        rows=[_row(way, ours, seconds["mutant"][way]) for way, ours in seconds["ours"].items()],
        raw={"seconds": seconds},
    )


def _ways(urls: list[str]) -> dict[str, list[str]]:
    """The URLs that have a client each: one for every instance, and several for three of them."""
    return {"one at a time": urls, f"{PARALLEL} in parallel": urls[:3] * PARALLEL}


def _mutated(world: World, folder: Path) -> Path:
    """The entry point of a bundle with the mutant in it."""
    bundle = shutil.copytree(world.stack.bundles / "create_user", folder / "create_user")
    mutated = bundle / f"{ONE_CALL_MORE.module.rpartition('.')[2]}.py"
    mutated.write_text(ONE_CALL_MORE.applied_to(mutated.read_text()))
    return bundle / "main.py"


def _requests(urls: Sequence[str], taken: list[str], of_each: int) -> Seconds:
    """Ask for as many taken addresses as free ones, in random order, and again: those are silenced."""
    holders = {taken.pop() for _ in range(of_each)}
    addresses = [*holders, *(an_address() for _ in range(of_each))]
    seconds = {}
    for which in ("first", "second"):
        random.shuffle(addresses)
        times = _ask(urls, addresses)
        seconds[which] = {
            "taken": [times[address] for address in addresses if address in holders],
            "free": [times[address] for address in addresses if address not in holders],
        }
    return seconds


def _ask(urls: Sequence[str], addresses: Sequence[str]) -> Mapping[str, float]:
    """Each of the URLs has a client, which asks for one address after the other."""

    def client(number: int) -> list[tuple[str, float]]:
        http = HttpClient(urls[number])
        mine = addresses[number :: len(urls)]
        return [(address, timed(partial(http.post, _body(address), expecting=202))) for address in mine]

    with ThreadPoolExecutor(len(urls)) as pool:
        return {address: seconds for asked in pool.map(client, range(len(urls))) for address, seconds in asked}


def _body(address: str) -> bytes:
    return json.dumps({"email": address}).encode()


def _row(way: str, ours: Seconds, mutants: Seconds) -> Row:
    scores, noticed = (
        {which: standard_score(each["taken"], each["free"]) for which, each in of.items()} for of in (ours, mutants)
    )
    milliseconds = [f"{median([*each['taken'], *each['free']]) * 1e3:.0f} ms" for each in ours.values()]
    return Row(
        f"taken or free, calls of {FAR_SECONDS * 1e3:.0f} ms, {way}: z",
        f"{', '.join(f'{score:+.1f}' for score in scores.values())} of {OF_EACH} each",
        f"a call more {', '.join(f'{score:+.1f}' for score in noticed.values())}; a request {', '.join(milliseconds)}",
        f"below {INDISTINGUISHABLE}, a call more above {NOTICED}",
        max(map(abs, scores.values())) < INDISTINGUISHABLE and min(noticed.values()) > NOTICED,
    )
