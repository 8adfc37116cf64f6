"""`PYTHONPATH=functions python -m benchmarks.capacity` prints the tables of docs/capacity.md."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from math import ceil

from msgspec.structs import fields

from audit.settings import Settings
from benchmarks.capacity.model import (
    OTHER_CPU_SECONDS,
    CreateUser,
    conversations_within,
    ramp_minutes,
    shards_for,
)
from benchmarks.capacity.prices import (
    AUDIT_READS,
    DELETES,
    EVENT_BYTES,
    LOG_GIB,
    LOG_GIB_A_MILLION,
    MAIL_SECONDS,
    READ,
    WRITES,
    Instance,
    bill,
    bill_of_requests,
    dollars_a_month,
)
from blueprint.topology import Function, Push, Topology, read_topology

_DAY_SECONDS = 86_400
_RATES = (1e6 / _DAY_SECONDS, 1e7 / _DAY_SECONDS, 1000.0, 10_000.0)
_PROVIDER_LIMITS = (1, 14, 100, 1000)
_SCALING_TARGET = 0.6
_BILLED_SECONDS = 0.1  # at least, of an instance that works on nothing else
_TWICE = 2  # an outbox entry is written and deleted, a delivery is claimed and recorded


def tables(topology: Topology) -> Iterator[str]:
    create_user, send_email = topology.functions["create_user"], topology.functions["send_email"]
    sizing = CreateUser(
        vcpus=create_user.cpu,
        concurrency=create_user.concurrency,
        instances=create_user.max_instances,
        timeout_seconds=create_user.timeout_seconds,
    )
    costs = bill(
        _instance(create_user),
        _instance(send_email),
        topology.firestore,
        busy_seconds=sizing.busy_seconds,
        alone_seconds=sizing.alone_seconds,
    )
    costs["**together**"] = busy, _ = sum(low for low, _ in costs.values()), sum(high for _, high in costs.values())
    costs["with `VERIFY_EMAIL=true`, besides: a request, its event and mail, the page"] = bill_of_requests(
        _instance(create_user), _instance(send_email), busy_seconds=OTHER_CPU_SECONDS, alone_seconds=_BILLED_SECONDS
    )
    a_month = dollars_a_month([(_instance(f), f.every_seconds) for f in topology.functions.values() if f.every_seconds])
    costs["plus, per month, whatever the traffic: relay, audit, their schedules, two secrets"] = a_month, a_month
    yield _table("setting", *topology.functions, rows=_settings(topology.functions.values()))
    yield _table(*("an audit of", "documents read", "US$"), rows=_of_audits(topology))
    yield _table(
        *("rounds", "hash", "sign-ups/s of one", f"of {sizing.instances}", "longest wait", "useful concurrency"),
        *("US$/million, busy", "one at a time"),
        rows=(_of_rounds(replace(sizing, rounds=rounds), _instance(create_user)) for rounds in range(10, 14)),
    )
    yield _table(
        *("sign-ups per second", *(_number(rate) for rate in _RATES)),
        rows=_of_rates(sizing, send_email, dollars=busy),
    )
    yield _table(
        *("US$ per million sign-ups", "busy", "one at a time"),
        rows=([what, f"{low:.2f}", f"{high:.2f}"] for what, (low, high) in costs.items()),
    )
    yield _table(
        *("the provider's limit, mails/s", "conversations of 0.5 s", "of 1 s", "mails per day", "largest backlog"),
        rows=(_of_limit(limit, topology.push) for limit in _PROVIDER_LIMITS),
    )


def _settings(functions: Collection[Function]) -> Iterator[list[str]]:
    for setting in ("cpu", "memory", "concurrency", "min_instances", "max_instances", "timeout_seconds"):
        yield [f"`{setting}`", *(str(getattr(function, setting)) for function in functions)]


def _of_rounds(sizing: CreateUser, instance: Instance) -> list[str]:
    return [
        str(sizing.rounds),
        f"{sizing.hash_seconds * 1000:.0f} ms",
        f"{1 / sizing.busy_seconds:.1f}",
        _number(sizing.most_per_second),
        f"{sizing.longest_wait_seconds:.1f} s",
        str(sizing.useful_concurrency),
        *(f"{instance.dollars(1e6 * seconds):.2f}" for seconds in (sizing.busy_seconds, sizing.alone_seconds)),
    ]


def _of_rates(sizing: CreateUser, send_email: Function, *, dollars: float) -> Iterator[list[str]]:
    amounts: dict[str, Callable[[float], float]] = {
        "vCPUs of create_user, all busy": lambda rate: rate * sizing.cpu_seconds,
        f"instances of {sizing.vcpus} vCPUs, all busy": sizing.instances_for,
        f"the same, {_SCALING_TARGET:.0%} busy": lambda rate: sizing.instances_for(rate, utilisation=_SCALING_TARGET),
        "Firestore, writes/s": lambda rate: rate * WRITES,
        "Firestore, deletes/s": lambda rate: rate * DELETES,
        "minutes to ramp up, from a new collection": lambda rate: ramp_minutes(rate * _TWICE),
        "outbox entries deleted per hour": lambda rate: rate * 3600,
        "shards, if the outbox had names that grow": lambda rate: shards_for(rate * _TWICE),
        "Pub/Sub, kB/s published, and again to each subscriber": lambda rate: rate * EVENT_BYTES / 1000,
        f"conversations of {MAIL_SECONDS:g} s with the mail provider": lambda rate: rate * MAIL_SECONDS,
        f"instances of send_email, {send_email.concurrency} at once": lambda rate: ceil(
            rate * MAIL_SECONDS / send_email.concurrency
        ),
        "logs, US$ per day": lambda rate: rate * _DAY_SECONDS / 1e6 * LOG_GIB_A_MILLION * LOG_GIB,
        "all, US$ per day, busy": lambda rate: rate * _DAY_SECONDS / 1e6 * dollars,
    }
    for what, amount in amounts.items():
        yield [what, *(_number(amount(rate)) for rate in _RATES)]


def _of_audits(topology: Topology) -> Iterator[list[str]]:
    settings = {field.name: field.default for field in fields(Settings)}
    a_user, hourly = AUDIT_READS + len(topology.subscribers()), settings["audit_users"]
    for what, reads in {
        "a million users, without notify_admin": 1e6 * (a_user - 1),
        "a million users, with notify_admin": 1e6 * a_user,
        "a million reservations": 1e6 * AUDIT_READS,
        "a day of hourly runs at 1000 sign-ups a day": 24 * 2 * 1000 * (a_user - 1),
        f"a day of hourly runs of {_number(hourly)} users": 24 * hourly * (a_user - 1),
        f"the same, {_number(settings['audit_reservations'])} reservations": 24
        * settings["audit_reservations"]
        * AUDIT_READS,
    }.items():
        yield [what, _number(reads), f"{reads * READ:.2f}"]


def _of_limit(limit: int, push: Push) -> list[str]:
    numbers = (
        *(conversations_within(limit, seconds) for seconds in (0.5, 1)),
        limit * _DAY_SECONDS,
        limit * push.attempts_seconds,
    )
    return [str(limit), *map(_number, numbers)]


def _instance(function: Function) -> Instance:
    return Instance(function.cpu, function.memory, function.concurrency)


def _number(value: float) -> str:
    """Thousands separated, significant digits only."""
    return f"{value:,.0f}".replace(",", " ") if value >= 20 else f"{value:.3g}"


def _table(*heads: str, rows: Iterable[Iterable[str]]) -> str:
    return "\n".join([_line(heads), f"|{'---|' * len(heads)}", *map(_line, rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n\n".join(tables(read_topology())))
