"""Plain values as Firestore's protobuf messages, and back."""

from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any


def write_fields(fields: Mapping[str, Any], into: MutableMapping[str, Any]) -> None:
    """
    Write values into a message's map.

    Raises:
        TypeError: Firestore has no such value, or a time has no zone.
    """
    for name, value in fields.items():
        _write(value, into[name])


def _write(value: Any, into: Any) -> None:  # noqa: ANN401  whatever a document holds
    match value:
        case str():
            into.string_value = value
        case bool():
            into.boolean_value = value
        case int():
            into.integer_value = value
        case float():
            into.double_value = value
        case bytes():
            into.bytes_value = value
        case datetime(tzinfo=zone) if zone:
            into.timestamp_value.FromDatetime(value)
        case None:
            into.null_value = 0
        case Mapping():
            into.map_value.SetInParent()
            write_fields(value, into.map_value.fields)
        case _:
            raise TypeError(type(value).__name__)


def read_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a message's map. Times are in UTC."""
    return {name: _read(value) for name, value in fields.items()}


def _read(value: Any) -> Any:  # noqa: ANN401  whatever a document holds
    kind = value.WhichOneof("value_type")
    found = getattr(value, kind)
    match kind:
        case "null_value":
            return None
        case "timestamp_value":
            return found.ToDatetime(UTC)
        case "map_value":
            return read_fields(found.fields)
        case "array_value":
            return [_read(each) for each in found.values]
    return found
