import re

import pytest

from shared.runtime import tracing
from testkit.builders import TRACEPARENT


def test_given_trace_is_continued() -> None:
    with tracing.continued(TRACEPARENT) as traceparent:
        assert traceparent == TRACEPARENT
        assert tracing.current_trace_id() == "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "nonsense",
        TRACEPARENT.upper(),
        TRACEPARENT + "\n",
        TRACEPARENT + "-00",
        "01" + TRACEPARENT[2:],
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
    ],
)
def test_missing_or_invalid_trace_is_replaced_by_a_new_one(traceparent: str | None) -> None:
    with tracing.continued(traceparent) as one, tracing.continued(traceparent) as other:
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", one)
        assert one != other


def test_trace_ends_with_its_work() -> None:
    with tracing.continued(TRACEPARENT):
        with tracing.continued(None):
            assert tracing.current_trace_id() != "0af7651916cd43dd8448eb211c80319c"
        assert tracing.current_trace_id() == "0af7651916cd43dd8448eb211c80319c"

    assert tracing.current_trace_id() is None
