import gc

from shared.runtime.uncollected import uncollected


def test_nothing_is_collected_inside_and_what_was_made_there_is_not_looked_at_again() -> None:
    kept_before = gc.get_freeze_count()

    with uncollected():
        inside = gc.isenabled()
        made: list[list[object]] = [[] for _ in range(1000)]

    assert (inside, gc.isenabled()) == (False, True)
    assert gc.get_freeze_count() - kept_before >= len(made)
    assert not any(each is made for each in gc.get_objects())
