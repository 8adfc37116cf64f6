"""Work that nobody waits for."""

from collections.abc import Callable
from contextvars import copy_context

from flask import Response, after_this_request

from shared.contract.log_events import LogEvent
from shared.runtime import logs


def after_the_answer(work: Callable[[], None]) -> None:
    """Run `work` in the request's trace and thread, once its response is sent. A stopping server waits for it."""
    context = copy_context()

    def run() -> None:
        try:
            context.run(work)
        except Exception:  # noqa: BLE001  the edge: the server would print its text
            context.run(logs.error, LogEvent.REQUEST_FAILED, code="internal")

    @after_this_request
    def attach(response: Response) -> Response:
        response.call_on_close(run)
        return response


def at_once(work: Callable[[], None]) -> None:
    """Run `work` before the response."""
    work()
