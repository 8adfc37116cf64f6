"""How the functions call Firestore: a short timeout, and repeats only while they can help."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict

from google.api_core.exceptions import Aborted, GoogleAPIError, ResourceExhausted, ServiceUnavailable
from google.api_core.retry import Retry, if_exception_type

TIMEOUT_SECONDS = 2.0


class Call(TypedDict):
    """Keyword arguments of every call."""

    retry: Retry
    timeout: float


# Both bound the whole call with its repeats; the library's own defaults are 60 s.
CALL = Call(
    retry=Retry(
        predicate=if_exception_type(Aborted, ResourceExhausted, ServiceUnavailable),
        initial=0.05,
        maximum=0.5,
        timeout=TIMEOUT_SECONDS,
    ),
    timeout=TIMEOUT_SECONDS,
)


@contextmanager
def failing_as(kind: type[Exception]) -> Iterator[None]:
    """Raise `kind` in place of whatever Firestore's library raises."""
    try:
        yield
    except GoogleAPIError as error:
        raise kind from error
