"""A function killed, with no clean-up, before and after its side effects: no promise breaks. In open mode."""

import pytest

from proofs.crash_points import broken, every_crash, record, run, sample_of
from proofs.scenarios import SCENARIOS
from testkit.stack import LocalStack


def test_scenarios_end_well_without_a_crash_and_with_one_at_a_moment_of_each_kind(stack: LocalStack) -> None:
    recordings = record(stack, SCENARIOS)
    results = run(stack, sample_of(recordings))

    assert broken(recordings) == []
    assert {recording.ending for recording in recordings} == {"1 mail", "1 SMS", "undeliverable", "recorded"}
    assert broken(results) == []
    assert any(result.mails > 1 for result in results), "the window for a duplicate was not met"


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
def test_no_promise_breaks_wherever_a_function_is_killed(stack: LocalStack) -> None:
    results = run(stack, every_crash(record(stack, SCENARIOS)))

    assert broken(results) == []
