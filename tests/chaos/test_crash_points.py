"""A function killed, with no clean-up, before and after its side effects: no promise breaks. In open mode."""

from collections.abc import Callable, Sequence

import pytest

from proofs.crash_case import Result
from proofs.crash_points import Crash, broken, every_crash, record, run, sample_of
from proofs.scenarios import SCENARIOS
from testkit.stack import LocalStack


@pytest.mark.parametrize(
    "crashes_of",
    [
        pytest.param(sample_of, marks=pytest.mark.sample),
        pytest.param(every_crash, marks=[pytest.mark.exhaustive, pytest.mark.timeout(900)]),
    ],
)
def test_no_promise_breaks_without_a_crash_and_with_one_at_any_moment(
    stack: LocalStack, crashes_of: Callable[[Sequence[Result]], list[Crash]]
) -> None:
    recordings = record(stack, SCENARIOS)
    results = run(stack, crashes_of(recordings))

    assert broken(recordings) == []
    assert {recording.ending for recording in recordings} == {"1 mail", "1 SMS", "undeliverable", "recorded"}
    assert broken(results) == []
    assert any(result.mails > 1 for result in results), "the window for a duplicate was not met"
