"""How many sign-ups Usher takes and what they cost, predicted from measured times: the model of docs/capacity.md."""

from benchmarks.capacity.model import sign_ups_per_second

__all__ = ["sign_ups_per_second"]
