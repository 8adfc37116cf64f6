"""A function or the pusher killed, with no clean-up, before and after its side effects: no promise breaks on NATS."""

from collections import Counter

import pytest

from proofs.crash_points import broken, every_crash, record, run, sample_of
from testkit.stack import LocalStack

PUSHER_STEPS = {"nats:fetch", "http:push", "nats:ack", "nats:nak", "nats:publish"}


def test_scenarios_end_well_without_a_crash_and_with_one_at_a_moment_of_each_kind(stack: LocalStack) -> None:
    recordings = record(stack)
    crashes = sample_of(recordings)
    results = run(stack, crashes)

    assert broken(recordings) == []
    assert broken(results) == []
    of_the_pusher = [str(moment) for scenario, moment in crashes if scenario.function == "pusher"]
    steps = Counter(moment.split()[1].partition("#")[0] for moment in of_the_pusher)
    assert steps == dict.fromkeys(PUSHER_STEPS, 2)  # before and after


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_no_promise_breaks_wherever_what_speaks_to_nats_is_killed(stack: LocalStack) -> None:
    """Subscribers do not: `make crash-points` kills them on both brokers, tests/chaos on Pub/Sub."""
    on_nats = [each for each in record(stack) if each.scenario.function in {"create_user", "relay_outbox", "pusher"}]

    results = run(stack, every_crash(on_nats))

    assert broken(results) == []
