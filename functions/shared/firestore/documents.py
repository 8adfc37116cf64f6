"""Turns the fields of a Firestore document into values of our own."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class UnreadableDocumentError(Exception):
    """A document's fields are not what they should be."""


def read_document(fields: Mapping[str, Any], kind: type[T]) -> T:
    """
    Read a `kind` from fields of the same names. Fields that this version does not know are ignored.

    Raises:
        UnreadableDocumentError: A field is missing or of the wrong type.
    """
    try:
        return msgspec.convert(fields, kind)
    except (TypeError, msgspec.ValidationError):
        raise UnreadableDocumentError(kind.__name__) from None
