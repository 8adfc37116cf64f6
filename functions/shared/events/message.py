"""The envelope in which an event travels, whatever the broker."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """An encoded event, and the attributes that say what it is."""

    data: bytes
    attributes: Mapping[str, str]
