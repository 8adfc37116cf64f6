"""The model behind docs/capacity.md; that its predictions hold is for `make bench` to say."""

import math
import re
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event

import pytest
from msgspec.structs import fields

from benchmarks.capacity import sign_ups_per_second
from benchmarks.capacity.__main__ import tables
from benchmarks.capacity.model import (
    HASH_QUEUE_SECONDS,
    ROUNDS,
    CreateUser,
    conversations_within,
    ramp_minutes,
    shards_for,
)
from benchmarks.capacity.prices import Instance, bill, bill_of_requests
from blueprint.topology import PROJECT_ROOT, read_topology
from create_user.hash_queue import HASHES_PER_CPU, HashQueue
from create_user.registration import OverloadedError
from create_user.settings import Settings

AN_INSTANCE = CreateUser(vcpus=2, concurrency=64)


def test_page_shows_what_the_model_computes_from_the_topology() -> None:
    page = (PROJECT_ROOT / "docs" / "capacity.md").read_text()

    stale = [table for table in tables(read_topology()) if f"\n{table}\n\n" not in page]

    assert stale == []


def test_quota_to_ask_for_carries_all_functions_at_their_most_instances() -> None:
    functions = read_topology().functions
    page = (PROJECT_ROOT / "docs" / "capacity.md").read_text().replace("1 000", "1000")
    rows = re.findall(r"(?m)^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page)

    for rate, create_user, send_email, quota in (map(int, row) for row in rows):
        most = {name: f.max_instances for name, f in functions.items()}
        most |= {"create_user": create_user, "send_email": send_email}
        assert create_user == AN_INSTANCE.instances_for(rate, utilisation=0.6)
        assert send_email == math.ceil(rate / functions["send_email"].concurrency)
        assert sum(functions[name].cpu * most[name] for name in most) <= quota
    assert [int(rate) for rate, *_ in rows] == [500, 1000]


def test_page_about_deploying_rounds_the_bill() -> None:
    page, summary = ((PROJECT_ROOT / name).read_text() for name in ("docs/capacity.md", "deploy/README.md"))
    busy, alone = map(float, re.findall(r"(?m)^\| \*\*together\*\* \| ([\d.]+) \| ([\d.]+) \|$", page)[0])
    months = map(float, re.findall(r"(?m)^\| Firestore: .*each month.* \| ([\d.]+) \|$", page))
    idle = re.findall(r"(?m)^\| plus, per month, .* \| ([\d.]+) \|$", page)[0]

    for said in (f"US$ {busy:.0f} to {alone:.0f}", f"US$ {sum(months):.0f} for each month", f"US$ {idle} a month"):
        assert said in " ".join(summary.split())


def test_defaults_are_those_of_create_user() -> None:
    defaults = {field.name: field.default for field in fields(Settings)}

    assert (defaults["bcrypt_rounds"], defaults["hash_queue_seconds"]) == (ROUNDS, HASH_QUEUE_SECONDS)


def test_page_says_what_one_instance_and_a_day_admit() -> None:
    page = " ".join((PROJECT_ROOT / "docs" / "capacity.md").read_text().split())
    a_minute = next(field.default for field in fields(Settings) if field.name == "sign_ups_a_minute")
    instances = read_topology().functions["create_user"].max_instances

    assert f"`SIGN_UPS_A_MINUTE` = {a_minute}** is the first limit: ten requests per second" in page
    assert a_minute == 60 * 10
    assert f"{a_minute // instances} a minute with six" in page
    assert f"{a_minute * 60 * 24:,} requests a day".replace(",", " ") in page


@pytest.mark.parametrize(
    ("vcpus", "rounds", "other_cpu_seconds", "expected"),
    [
        (1, 10, 0.0, 20),  # a hash of 50 ms and nothing else
        (2, 12, 0.0, 10),  # two rounds more are four times the hash
        (2, 12, 0.05, 8),
        (8, 10, 0.05, 20),  # one process does the other work on one vCPU, however many there are
    ],
)
def test_sign_ups_share_the_vcpus(vcpus: int, rounds: int, other_cpu_seconds: float, expected: float) -> None:
    predicted = sign_ups_per_second(vcpus, rounds, hash_seconds_at_10=0.05, other_cpu_seconds=other_cpu_seconds)

    assert predicted == pytest.approx(expected)


@pytest.mark.parametrize("rate", [0.1, 11.6, 1000])
def test_instances_that_the_model_counts_suffice_and_one_fewer_does_not(rate: float) -> None:
    instances = AN_INSTANCE.instances_for(rate)

    assert replace(AN_INSTANCE, instances=instances).most_per_second >= rate
    assert replace(AN_INSTANCE, instances=instances - 1).most_per_second < rate


def test_useful_concurrency_is_what_the_queue_lets_in() -> None:
    sizing = replace(AN_INSTANCE, rounds=13)
    queue = HashQueue(
        parallel=HASHES_PER_CPU * sizing.vcpus,
        longest_wait_seconds=HASH_QUEUE_SECONDS,
        expected_hash_seconds=HASHES_PER_CPU * sizing.hash_seconds,
    )
    hashed = Event()

    with ThreadPoolExecutor(sizing.useful_concurrency + 1) as pool:
        sign_ups = [pool.submit(queue.run, lambda: hashed.wait(10)) for _ in range(sizing.useful_concurrency + 1)]
        refused, let_in = wait(sign_ups, timeout=10, return_when=FIRST_EXCEPTION)
        hashed.set()

    assert len(let_in) == sizing.useful_concurrency
    assert [type(sign_up.exception()) for sign_up in refused] == [OverloadedError]


def test_last_of_all_waits_for_those_before_it() -> None:
    assert AN_INSTANCE.longest_wait_seconds == pytest.approx(30 * 0.2)
    assert replace(AN_INSTANCE, concurrency=1).longest_wait_seconds == 0


@pytest.mark.parametrize(("operations", "minutes"), [(1, 0), (500, 0), (750, 5), (751, 10), (20_000, 50)])
def test_new_collection_takes_half_more_every_five_minutes(operations: float, minutes: int) -> None:
    assert ramp_minutes(operations) == minutes


@pytest.mark.parametrize(("operations", "shards"), [(1, 1), (500, 1), (501, 2)])
def test_shard_takes_five_hundred_operations_a_second(operations: float, shards: int) -> None:
    assert shards_for(operations) == shards


@pytest.mark.parametrize(("limit", "seconds", "conversations"), [(14, 0.5, 7), (14, 0.49, 6), (1, 0.5, 1)])
def test_conversations_keep_to_the_providers_limit(limit: float, seconds: float, conversations: int) -> None:
    assert conversations_within(limit, seconds) == conversations


def test_push_is_repeated_for_about_sixteen_hours() -> None:
    doubling, longest, gaps = 10 + 20 + 40 + 80 + 160 + 320, 600, 99

    assert read_topology().push.attempts_seconds == doubling + (gaps - 6) * longest


def test_busy_instances_share_what_one_at_a_time_pays_alone() -> None:
    create_user, send_email = Instance(2, "2Gi", 64), Instance(1, "512Mi", 10)

    costs = bill(create_user, send_email, read_topology().firestore, busy_seconds=0.1, alone_seconds=0.3)

    assert costs["create_user"] == pytest.approx((1e5 * (2 * 24e-6 + 2 * 2.5e-6), 3e5 * (2 * 24e-6 + 2 * 2.5e-6)))
    assert costs["send_email"] == pytest.approx((1e5 * (24e-6 + 0.5 * 2.5e-6), 1e6 * (24e-6 + 0.5 * 2.5e-6)))


def test_mailbox_first_doubles_the_mails_and_hashes_nothing() -> None:
    create_user, send_email = Instance(2, "2Gi", 64), Instance(1, "512Mi", 10)

    busy, alone = bill_of_requests(create_user, send_email, busy_seconds=0.02, alone_seconds=0.1)

    mails, requests = 24e-6 + 0.5 * 2.5e-6, 2 * 24e-6 + 2 * 2.5e-6
    assert alone - busy == pytest.approx(1e6 * (mails * 0.9 + requests * 0.08))
    assert 10 < busy < 1e6 * requests * 0.3  # a hash at cost 12 takes 0.2 s of two CPUs, and more besides
