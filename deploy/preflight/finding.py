"""What the preflight finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A sentence for whoever deploys, and commands in further lines. Unless it `stops` anything, it is only said."""

    text: str
    stops: bool = True
