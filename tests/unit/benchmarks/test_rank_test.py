"""What tells a taken address from a free one by its times, if anything does."""

import random

import pytest

from benchmarks.figures.taken_or_free import INDISTINGUISHABLE, NOTICED, OF_EACH, OF_EACH_BY_THE_MUTANT, ONE_CALL_MORE
from benchmarks.rank_test import standard_score
from blueprint.topology import PROJECT_ROOT


def test_score_is_that_of_the_textbook() -> None:
    # U = 13 of 24 pairs beside an expected 12, and a variance of 4 * 6 * 11 / 12
    assert standard_score([3, 5, 8, 10], [1, 4, 6, 7, 8.5, 9.5]) == pytest.approx((13 - 12) / 22**0.5)


def test_score_turns_its_sign_with_its_samples_and_equal_values_have_none() -> None:
    assert standard_score([1, 2, 2], [2, 3]) == pytest.approx(-standard_score([2, 3], [1, 2, 2]))
    assert standard_score([5] * 9, [5] * 7) == 0


def test_samples_of_a_benchmark_tell_a_call_and_nothing_else() -> None:
    chance = random.Random(18)  # noqa: S311  the same ones each time

    def sample(size: int, *, late: float = 0) -> list[float]:
        return [chance.gauss(0.2, 0.01) + late for _ in range(size)]

    same = [abs(standard_score(sample(OF_EACH), sample(OF_EACH))) for _ in range(50)]
    mutant = OF_EACH_BY_THE_MUTANT
    noticed = [standard_score(sample(mutant, late=0.04), sample(mutant)) for _ in range(50)]

    assert max(same) < INDISTINGUISHABLE
    assert min(noticed) > NOTICED


def test_mutant_is_of_todays_code() -> None:
    source = (PROJECT_ROOT / "functions" / f"{ONE_CALL_MORE.module.replace('.', '/')}.py").read_text()

    assert ONE_CALL_MORE.applied_to(source) != source
