from time import monotonic, sleep

import pytest

from create_user.fixed_time import ending_at_multiples_of

PERIOD_SECONDS = 0.2
TOLERANCE_SECONDS = 0.15  # of a busy machine; below the period


@pytest.mark.parametrize("work_seconds", [0, 0.1])
def test_work_ends_one_period_after_its_start_however_long_it_took(work_seconds: float) -> None:
    started = monotonic()

    with ending_at_multiples_of(PERIOD_SECONDS):
        sleep(work_seconds)

    assert 0 <= monotonic() - started - PERIOD_SECONDS < TOLERANCE_SECONDS


def test_work_that_fails_ends_at_the_same_time() -> None:
    started = monotonic()

    with pytest.raises(ZeroDivisionError), ending_at_multiples_of(PERIOD_SECONDS):
        _ = 1 / 0

    assert 0 <= monotonic() - started - PERIOD_SECONDS < TOLERANCE_SECONDS


def test_work_that_takes_longer_ends_at_the_next_multiple_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    started = monotonic()

    with ending_at_multiples_of(PERIOD_SECONDS):
        sleep(2.5 * PERIOD_SECONDS)

    assert 0 <= monotonic() - started - 3 * PERIOD_SECONDS < TOLERANCE_SECONDS
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("WARNING", "answered_late")


def test_work_in_time_warns_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with ending_at_multiples_of(PERIOD_SECONDS):
        pass

    assert caplog.messages == []
