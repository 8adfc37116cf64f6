"""Structured logs for Cloud Logging: one JSON object per line, its message an event name, the rest fields."""

import json
import logging
import sys
import traceback
from collections.abc import Iterator

from shared.runtime.tracing import current_trace_id

_logger = logging.getLogger("usher")

Field = str | int | float | bool | None


def configure(project: str) -> None:
    """Send every log record of the process to standard output as JSON, linked to its trace in `project`."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonFormatter(project))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _logger.setLevel(logging.INFO)


def info(event: str, **fields: Field) -> None:
    """An outcome, one line each."""
    _logger.info(event, extra={"fields": fields})


def warning(event: str, **fields: Field) -> None:
    """Something went wrong and the system coped."""
    _logger.warning(event, extra={"fields": fields})


def error(event: str, **fields: Field) -> None:
    """Someone must look. Inside an `except` block the line also says where the exception came from."""
    _logger.error(event, extra={"fields": fields}, exc_info=sys.exc_info()[0] is not None)


class _JsonFormatter(logging.Formatter):
    """Never writes an exception's text: it may quote an address, a name or a password."""

    def __init__(self, project: str) -> None:
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        # Of a library's line only the template: its arguments may be a path or a value that a caller typed.
        message = record.getMessage() if record.name == _logger.name else str(record.msg)
        entry = {"severity": record.levelname, "message": message, **getattr(record, "fields", {})}
        if trace_id := current_trace_id():
            entry["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{trace_id}"
        if record.exc_info and record.exc_info[1]:
            entry["exception"] = " from ".join(type(error).__name__ for error in _causes(record.exc_info[1]))
            entry["stack"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(entry)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__
