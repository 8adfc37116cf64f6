"""How long after the response to a sign-up its mail arrives, against the emulator's own time from publish to push."""

import random
from collections.abc import Callable, Sized
from statistics import median
from time import perf_counter, sleep

from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.types import PubsubMessage

from benchmarks.figure import Figure, Plot, Row, distribution, percentile, spread
from benchmarks.load import signing_up
from benchmarks.world import PEERS, World
from testkit.http_server import HttpScript, http_serving, reply
from testkit.mail_server import MailServer
from testkit.project import emulators_of

TARGET_SECONDS = 0.02
_LOOK_SECONDS = 0.0005
_IDLE_POLL_SECONDS = 0.1  # of the emulator
_LONGEST_SECONDS = 30
_BLOCK = 30


def measure(world: World) -> Figure:
    times = _BLOCK // 2 if world.quick else 5 * _BLOCK
    mail_server = MailServer()
    smtp_port = mail_server.address.rpartition(":")[2]
    project, bare_project = world.new_project(), world.new_project()
    try:
        with (
            emulators_of(world.stack),
            world.serving("create_user", PEERS["usher"], project=project) as create_user,
            world.serving("send_email", PEERS["usher"], project=project, SMTP_PORT=smtp_port) as send_email,
            http_serving(HttpScript(reply("200 OK", {}))) as endpoint,
        ):
            world.stack.push_events_of(project, send_email.url)
            world.stack.push_events_of(bare_project, f"http://127.0.0.1:{endpoint.port}/")
            publisher = PublisherClient()
            topic = PublisherClient.topic_path(bare_project, "user.created")
            message = PubsubMessage(data=b"x" * 300)
            works: dict[str, tuple[Callable[[], object], Sized]] = {
                "mail": (signing_up(create_user.url), mail_server.mails),
                "push": (lambda: publisher.publish(topic=topic, messages=[message]), endpoint.requests),
            }
            seconds: dict[str, list[float]] = {name: [] for name in works}
            for number in range(times + 5):
                for name, (work, arrivals) in works.items():
                    taken = seconds_to_arrival(work, arrivals)
                    if number >= 5:
                        seconds[name].append(taken)
    finally:
        mail_server.stop()

    return Figure(
        rows=[_median_row(seconds), _p99_row(seconds)],
        raw={"seconds": seconds},
        plots=[
            Plot(
                "event-to-mail",
                "From the answer to the mail, and from publish to push on the emulator alone",
                "ms",
                "% that took at most this long",
                {name: distribution(values, scale=1e3) for name, values in seconds.items()},
            )
        ],
    )


def seconds_to_arrival(work: Callable[[], object], arrivals: Sized) -> float:
    """From the end of `work` to one arrival more."""
    sleep(random.uniform(0, _IDLE_POLL_SECONDS))  # noqa: S311  at no moment of the emulator's poll in particular
    before = len(arrivals)
    work()
    ended = perf_counter()
    while len(arrivals) == before:
        assert perf_counter() - ended < _LONGEST_SECONDS, "nothing arrived"
        sleep(_LOOK_SECONDS)
    return perf_counter() - ended


def _median_row(seconds: dict[str, list[float]]) -> Row:
    mail, push = (_block_medians(seconds[name]) for name in ("mail", "push"))
    more = [one - other for one, other in zip(mail, push, strict=True)]
    own = f"the emulator's own {median(push) * 1e3:.0f} ms from publish to push"
    return Row(
        "event to mail, p50",
        spread(mail, "ms", scale=1e3, digits=0),
        f"{spread(more, 'ms', scale=1e3, digits=0)} more, {_BLOCK} by {_BLOCK}, than {own}",
        f"at most {TARGET_SECONDS * 1e3:.0f} ms more",
        median(more) <= TARGET_SECONDS,
    )


def _block_medians(values: list[float]) -> list[float]:
    return [median(values[start : start + _BLOCK]) for start in range(0, len(values), _BLOCK)]


def _p99_row(seconds: dict[str, list[float]]) -> Row:
    mail, push = (percentile(seconds[name], 99) for name in ("mail", "push"))
    return Row(
        f"event to mail, p99 of {len(seconds['mail'])}",
        f"{mail * 1e3:.0f} ms",
        f"{(mail - push) * 1e3:+.0f} ms to the emulator's own {push * 1e3:.0f} ms",
        f"at most {TARGET_SECONDS * 1e3:.0f} ms more",
        mail - push <= TARGET_SECONDS,
        slowest=True,
    )
