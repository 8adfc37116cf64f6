from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from create_user.request_rate import RequestRate, TooManyRequestsError


class Clock:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("create_user.request_rate.monotonic", clock)
    return clock


def is_admitted(rate: RequestRate) -> bool:
    try:
        rate.admit()
    except TooManyRequestsError:
        return False
    return True


def test_one_too_many_within_a_minute_is_told_when_the_next_is_admitted(clock: Clock) -> None:
    rate = RequestRate(a_minute=2)
    rate.admit()
    clock.seconds += 45
    rate.admit()

    with pytest.raises(TooManyRequestsError) as refusal:
        rate.admit()

    assert refusal.value.wait_seconds == 15
    clock.seconds += 14.9
    assert not is_admitted(rate)
    clock.seconds += 0.1
    assert [is_admitted(rate) for _ in range(2)] == [True, False]


def test_refused_requests_do_not_keep_the_next_out(clock: Clock) -> None:
    rate = RequestRate(a_minute=1)
    rate.admit()
    for _ in range(100):
        clock.seconds += 0.5
        assert not is_admitted(rate)

    clock.seconds += 10

    assert is_admitted(rate)


@given(st.lists(st.integers(0, 240), max_size=100), st.integers(1, 5))
def test_no_minute_admits_more_and_none_is_refused_without_need(quarters: list[int], a_minute: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        clock = Clock()
        patched.setattr("create_user.request_rate.monotonic", clock)
        rate, admitted = RequestRate(a_minute=a_minute), list[float]()
        for gap in quarters:
            clock.seconds += gap / 4
            within_the_minute = sum(clock.seconds - at < 60 for at in admitted)

            assert is_admitted(rate) is (within_the_minute < a_minute)

            if within_the_minute < a_minute:
                admitted.append(clock.seconds)


def test_many_at_once_are_counted_exactly() -> None:
    rate = RequestRate(a_minute=50)

    with ThreadPoolExecutor(20) as pool:
        admitted = list(pool.map(lambda _: is_admitted(rate), range(200)))

    assert admitted.count(True) == 50
