"""How a redrive reads collections of any size: page by page."""

from collections.abc import Iterator
from typing import Any, TypedDict

from google.api_core.retry import Retry
from google.cloud.firestore import CollectionReference, DocumentSnapshot, Query

_PAGE = 200
_TIMEOUT_SECONDS = 20.0


class Call(TypedDict):
    """Keyword arguments of every call."""

    retry: Retry
    timeout: float


CALL = Call(retry=Retry(timeout=_TIMEOUT_SECONDS), timeout=_TIMEOUT_SECONDS)


def pages(
    found: Query | CollectionReference, *, by: str = "__name__", after: DocumentSnapshot[Any] | None = None
) -> Iterator[list[DocumentSnapshot[Any]]]:
    """All documents found, or those after one, in the order of a field. Deleting some meanwhile moves no other."""
    query = found.order_by(by).limit(_PAGE)
    page = (query.start_after(after) if after else query).get(**CALL)
    while page:
        yield page
        page = query.start_after(page[-1]).get(**CALL)
