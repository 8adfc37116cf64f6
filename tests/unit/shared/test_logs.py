import json
import logging
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest

from shared.runtime import logs, tracing
from testkit.builders import TRACEPARENT
from testkit.entry_points import logging_restored

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What was written to standard output, each line read as JSON."""
    with logging_restored(), redirect_stdout(StringIO()) as output:
        logs.configure("usher-project")
        yield lambda: [json.loads(line) for line in output.getvalue().split("\n")[:-1]]


def test_line_is_one_json_object_whatever_its_fields_contain(lines: Lines) -> None:
    logs.info("user_registered", user_id='a "quoted"\nline\u2028', latency_ms=231, ok=True, nothing=None)

    assert lines() == [
        {
            "severity": "INFO",
            "message": "user_registered",
            "user_id": 'a "quoted"\nline\u2028',
            "latency_ms": 231,
            "ok": True,
            "nothing": None,
        }
    ]


def test_each_kind_has_its_severity(lines: Lines) -> None:
    logs.info("one")
    logs.warning("two")
    logs.error("three")

    assert [(line["severity"], line["message"]) for line in lines()] == [
        ("INFO", "one"),
        ("WARNING", "two"),
        ("ERROR", "three"),
    ]


def test_line_is_linked_to_its_trace(lines: Lines) -> None:
    with tracing.continued(TRACEPARENT):
        logs.info("inside")
    logs.info("outside")

    inside, outside = lines()
    trace = "projects/usher-project/traces/0af7651916cd43dd8448eb211c80319c"
    assert inside["logging.googleapis.com/trace"] == trace
    assert "logging.googleapis.com/trace" not in outside


def test_error_says_where_its_exception_came_from_and_never_its_text(lines: Lines) -> None:
    text = "ewan" + "@example.com"  # parted, because the stack quotes lines of code

    try:
        fail_twice(text)
    except KeyError:
        logs.error("request_failed")

    (line,) = lines()
    assert line["exception"] == "KeyError from ValueError"
    assert "in fail_twice" in line["stack"]
    assert text not in json.dumps(line)


def fail_twice(text: str) -> None:
    try:
        int(text)
    except ValueError as cause:
        raise KeyError(text) from cause


def test_error_outside_of_an_exception_has_no_stack(lines: Lines) -> None:
    logs.error("event_rejected")

    assert lines() == [{"severity": "ERROR", "message": "event_rejected"}]


def test_libraries_log_in_json_too_from_warnings_on(lines: Lines) -> None:
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("%s left", 3)

    assert lines() == [{"severity": "WARNING", "message": "%s left"}]  # what is put in may be a caller's
