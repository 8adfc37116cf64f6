"""
What each encoding of the events costs, as a table: `make encodings`.

The encodings take turns, round by round: whatever else the machine does meets both.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from statistics import quantiles
from time import process_time

from shared.events.codec import Encoding, decode, encode
from testkit.golden_events import read_goldens, recorded_versions

ROUNDS = 200
EVENTS_A_ROUND = 200


def microseconds(work: Callable[[], object]) -> float:
    """CPU time per call, on average over a round."""
    started = process_time()
    for _ in range(EVENTS_A_ROUND):
        work()
    return (process_time() - started) / EVENTS_A_ROUND * 1e6


def rows() -> Iterator[tuple[str, ...]]:
    for event_type, golden in read_goldens(recorded_versions()[-1]):
        event = decode(golden.messages[Encoding.JSON])
        works = {
            (encoding, name): work
            for encoding in Encoding
            for name, work in (
                ("encode", partial(encode, event, encoding)),
                ("decode", partial(decode, golden.messages[encoding])),
            )
        }
        times: dict[tuple[Encoding, str], list[float]] = {key: [] for key in works}
        for _, key in product(range(ROUNDS), works):
            times[key].append(microseconds(works[key]))
        for encoding, message in golden.messages.items():
            data = len(message.data)
            whole = data + sum(len(name) + len(value) for name, value in message.attributes.items())
            yield (
                event_type,
                encoding,
                str(data),
                str(whole),
                *(spread(times[encoding, name]) for name in ("encode", "decode")),
            )


def spread(values: list[float]) -> str:
    low, median, high = quantiles(values, n=4)
    return f"{median:.1f} ({low:.1f}-{high:.1f})"


if __name__ == "__main__":
    print(
        "| event | encoding | data, bytes | with attributes, bytes | encode, µs (quartiles) | decode, µs (quartiles) |"
    )
    print("|---|---|---|---|---|---|")
    for row in rows():
        print(f"| {' | '.join(row)} |")
