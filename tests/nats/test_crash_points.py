"""
A function or the pusher killed, with no clean-up, before and after its side effects: no promise breaks on NATS.

Here the mailbox comes first. `make crash-points` kills everything on both brokers, in open mode too.
"""

from collections import Counter

import pytest

from proofs.crash_points import broken, every_crash, record, run, sample_of
from proofs.scenarios import BROKER_IS_DOWN, EVENT_LEFT, MAILBOX_FIRST_SCENARIOS, PUSHER_SCENARIOS
from testkit.stack import LocalStack

SCENARIOS = [BROKER_IS_DOWN, EVENT_LEFT, *MAILBOX_FIRST_SCENARIOS, *PUSHER_SCENARIOS]
PUSHER_STEPS = {"nats:fetch", "http:push", "nats:ack", "nats:nak", "nats:publish"}


def test_scenarios_end_well_without_a_crash_and_with_one_at_a_moment_of_each_kind(stack: LocalStack) -> None:
    recordings = record(stack, SCENARIOS)
    crashes = sample_of(recordings)
    results = run(stack, crashes)

    assert broken(recordings) == []
    assert {recording.ending for recording in recordings} == {"1 mail", "undeliverable"}
    assert broken(results) == []
    assert any(result.mails > 1 for result in results), "the window for a duplicate was not met"
    of_the_pusher = [str(moment) for scenario, moment in crashes if scenario.function == "pusher"]
    steps = Counter(moment.split()[1].partition("#")[0] for moment in of_the_pusher)
    assert steps == dict.fromkeys(PUSHER_STEPS, 2)  # before and after


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_no_promise_breaks_wherever_what_speaks_to_nats_is_killed(stack: LocalStack) -> None:
    on_nats = [each for each in SCENARIOS if each.function != "send_email"]

    results = run(stack, every_crash(record(stack, on_nats)))

    assert broken(results) == []
