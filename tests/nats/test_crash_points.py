"""
A function or the pusher killed, with no clean-up, before and after its side effects: no promise breaks on NATS.

Here the mailbox comes first. `make crash-points` kills everything on both brokers, in open mode too.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from proofs.crash_case import Result
from proofs.crash_points import Crash, broken, every_crash, record, run, sample_of
from proofs.scenarios import BROKER_IS_DOWN, EVENT_LEFT, MAILBOX_FIRST_SCENARIOS, PUSHER_SCENARIOS
from testkit.stack import LocalStack

SCENARIOS = [BROKER_IS_DOWN, EVENT_LEFT, *MAILBOX_FIRST_SCENARIOS, *PUSHER_SCENARIOS]
PUSHER_STEPS = {"nats:fetch", "http:push", "nats:ack", "nats:nak", "nats:publish"}


def every_crash_of_what_speaks_to_nats(recordings: Sequence[Result]) -> list[Crash]:
    """And a sample of send_email's, which does not."""
    speaks = [each for each in recordings if each.scenario.function != "send_email"]
    return [*every_crash(speaks), *sample_of([each for each in recordings if each not in speaks])]


@pytest.mark.parametrize(
    "crashes_of",
    [
        pytest.param(sample_of, marks=pytest.mark.sample),
        pytest.param(every_crash_of_what_speaks_to_nats, marks=[pytest.mark.exhaustive, pytest.mark.timeout(900)]),
    ],
)
def test_no_promise_breaks_without_a_crash_and_with_one_at_any_moment(
    stack: LocalStack, crashes_of: Callable[[Sequence[Result]], list[Crash]]
) -> None:
    recordings = record(stack, SCENARIOS)
    crashes = crashes_of(recordings)
    results = run(stack, crashes)

    assert broken(recordings) == []
    assert {recording.ending for recording in recordings} == {"1 mail", "undeliverable"}
    assert broken(results) == []
    assert any(result.mails > 1 for result in results), "the window for a duplicate was not met"
    of_the_pusher = [str(moment) for scenario, moment in crashes if scenario.function == "pusher"]
    steps = Counter(moment.split()[1].partition("#")[0] for moment in of_the_pusher)
    assert steps.keys() == PUSHER_STEPS
    assert min(steps.values()) >= 2  # before and after
