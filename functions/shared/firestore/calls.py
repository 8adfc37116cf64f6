"""How the functions call Firestore: a short timeout, and repeats only while they can help."""

from collections.abc import Callable
from time import monotonic
from typing import Any, TypedDict

from google.api_core.exceptions import Aborted, ResourceExhausted, ServiceUnavailable
from google.api_core.retry import Retry, if_exception_type

TIMEOUT_SECONDS = 2.0

_RETRY = Retry(
    predicate=if_exception_type(Aborted, ResourceExhausted, ServiceUnavailable),
    initial=0.05,
    maximum=0.5,
    timeout=TIMEOUT_SECONDS,
)


class Call(TypedDict):
    """Keyword arguments of a call."""

    retry: Retry
    timeout: Any  # a decorator, of which the library's annotations do not know


def call() -> Call:
    """Bound one call, with all its repeats, to two seconds from now."""
    return Call(retry=_RETRY, timeout=_Until(monotonic() + TIMEOUT_SECONDS))


class _Until:
    """
    Gives each attempt the time that is left.

    The library's own timeout gives an attempt that begins in the last second all of it once more.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline

    def __call__(self, attempt: Callable[..., Any]) -> Callable[..., Any]:
        def bounded(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401  whatever the library calls
            return attempt(*arguments, **keywords, timeout=max(self._deadline - monotonic(), 0.0))

        return bounded
