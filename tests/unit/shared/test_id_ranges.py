from hypothesis import given
from hypothesis import strategies as st

from shared.outbox.id_ranges import MOST, IdRange, ranges

HEX = st.text("0123456789abcdef", min_size=1, max_size=5)
ANY = st.text(min_size=1, max_size=4)


def contains(ids: IdRange, each: str) -> bool:
    """In Firestore's order: by the bytes of UTF-8."""
    key = each.encode(errors="surrogatepass")
    return ids.after.encode() < key and (not ids.until or key <= ids.until.encode())


@given(count=st.integers(1, 600) | st.just(MOST), each=HEX | ANY, after=st.just("") | HEX)
def test_each_id_after_the_first_is_in_one_range_and_no_other_is(count: int, each: str, after: str) -> None:
    cut = ranges(count, after=after)

    assert sum(contains(ids, each) for ids in cut) == contains(IdRange(after), each)


def test_ranges_are_equal_shares_of_all_ids() -> None:
    cut = ranges(256)

    assert len(cut) == 256
    assert (cut[0], cut[0x7F], cut[-1]) == (IdRange("", "0100"), IdRange("7f00", "8000"), IdRange("ff00", ""))


def test_ranges_before_the_id_are_left_out() -> None:
    assert ranges(4, after="9") == [IdRange("9", "c000"), IdRange("c000", "")]
