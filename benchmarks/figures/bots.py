"""What a bot's request costs: in open mode, where each is hashed, and where the mailbox comes first."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from google.cloud.firestore import Client

from benchmarks.figure import Figure, Row, ratios, spread
from benchmarks.load import HttpClient, run, timed
from benchmarks.stored import store_users
from benchmarks.world import FAR_SECONDS, LINK_KEYS, PEERS, VERIFYING, World, cpu_seconds
from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from testkit.canary import PASSWORD
from testkit.project import emulators_of
from testkit.running_function import RunningFunction
from testkit.signing_up import an_address, members

ROUNDS = 12
CLIENTS = 8
# create_user as in the cloud, where an entry is cleared before the response; "full" has reached its ceiling.
_EVERYWHERE = {"BCRYPT_ROUNDS": str(ROUNDS), "CLEAR_OUTBOX": "before"}
_SETTINGS = {"open": {}, "verifying": VERIFYING, "full": {**VERIFYING, "SIGN_UPS_A_MINUTE": "1"}}
Functions = Mapping[str, RunningFunction]


@dataclass(frozen=True)
class _Sent:
    """What a bot sends, `each` times a block, to one of the functions, which answers with `status`."""

    to: str
    path: str
    status: int
    body: Callable[[], object]
    each: int = 100

    def work(self, functions: Functions) -> Callable[[], object]:
        client = HttpClient(functions[self.to].url + self.path)
        return lambda: client.post(json.dumps(self.body()).encode(), expecting=self.status)


def measure(world: World) -> Figure:
    blocks = 1 if world.quick else 2
    project = world.new_project()
    with emulators_of(world.stack):
        taken = store_users(Client(project=project), 200).pop()
    token = SignUpLink.requested_at(datetime.now(UTC), taken).token(VersionedSecrets.parse(LINK_KEYS))
    signing_up = _Sent("open", "", 201, members, each=2)
    requesting = _Sent("verifying", "sign-ups", 202, _requesting)
    kinds = {
        f"a sign-up in open mode at cost {ROUNDS}": signing_up,
        "the same where the address is taken": _Sent("open", "", 409, lambda: members(email=taken), each=2),
        "a request to sign up": requesting,
        "a request within a minute of another": _Sent("verifying", "sign-ups", 202, lambda: {"email": taken}),
        "a request above the ceiling": _Sent("full", "sign-ups", 503, _requesting),
        "a sign-up with a forged token": _Sent("verifying", "", 400, lambda: _finishing(f"{token[:-4]}AAAA")),
        "a sign-up with a used link": _Sent("verifying", "", 409, lambda: _finishing(token)),
    }
    with world.far_away() as far, _running(world, project) as near, _running(world, project, **far) as far_away:
        far_seconds = {name: _seconds(sent.work(far_away), 3) for name, sent in kinds.items()}
        cpu: dict[str, list[float]] = defaultdict(list)
        seconds: dict[str, list[float]] = defaultdict(list)
        for _ in range(blocks):
            for name, sent in kinds.items():
                used = cpu_seconds(near[sent.to].pid)
                seconds[name] += _seconds(sent.work(near), sent.each)
                cpu[name].append((cpu_seconds(near[sent.to].pid) - used) / sent.each)
        rates: dict[str, list[float]] = defaultdict(list)
        for _ in range(blocks):
            for mode, sent, times in (("open", signing_up, 16), ("verifying", requesting, 200)):
                rates[mode].append(run(sent.work(near), clients=CLIENTS, times=times).per_second)
    calls = {name: round((min(far_seconds[name]) - min(seconds[name])) / FAR_SECONDS) for name in kinds}
    before, *_ = cpu.values()
    return Figure(
        rows=[
            *(
                Row(
                    f"CPU time of {name}",
                    spread(each, "ms", scale=1e3, digits=1),
                    f"calls: {calls[name]}; {median(each) / median(before):.3f} of a sign-up in open mode",
                )
                for name, each in cpu.items()
            ),
            Row(
                f"requests to sign up a second, one instance, {CLIENTS} clients",
                spread(rates["verifying"], digits=0),
                f"{spread(ratios(rates['verifying'], rates['open']), digits=0)} times those of open mode, "
                f"{spread(rates['open'], digits=1)}",
            ),
        ],
        raw={"cpu_seconds": cpu, "seconds": seconds, "far_away": far_seconds, "a_second": rates},
    )


def _requesting() -> object:
    return {"email": an_address()}


def _finishing(token: str) -> object:
    return {"name": "Ewan Canary", "password": PASSWORD, "token": token}


def _seconds(work: Callable[[], object], times: int) -> list[float]:
    return [timed(work) for _ in range(times)]


@contextmanager
def _running(world: World, project: str, **settings: str) -> Iterator[Functions]:
    each = [{**_EVERYWHERE, **settings, **own} for own in _SETTINGS.values()]
    with world.serving_several("create_user", PEERS["usher"], each, project=project) as running:
        functions = dict(zip(_SETTINGS, running, strict=True))
        _Sent("open", "", 201, members).work(functions)()
        for verifying in ("verifying", "full"):  # which is full from then on, for a minute
            _Sent(verifying, "sign-ups", 202, _requesting).work(functions)()
        yield functions
