"""How long after the response to a sign-up its mail arrives: on each broker, against the emulator's own time."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median
from time import perf_counter, sleep

from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.types import PubsubMessage

from benchmarks.figure import Figure, Plot, Row, distribution, percentile, spread
from benchmarks.figures.brokers import NATS, PUBSUB, rows_of_brokers, running_nats
from benchmarks.load import in_turns, signing_up
from benchmarks.world import PEERS, World
from testkit.http_server import HttpScript, http_serving, reply
from testkit.mail_server import MailServer
from testkit.project import emulators_of

TARGET_SECONDS = 0.02
_LOOK_SECONDS = 0.0005
_IDLE_POLL_SECONDS = 0.1  # of the emulator
_LONGEST_SECONDS = 30
_PUSH = "push alone"


def measure(world: World) -> Figure:
    blocks, each = (2, 3) if world.quick else (5, 12)
    with emulators_of(world.stack), _works(world) as works:
        seconds = in_turns(works, blocks=blocks, each=each)
    pooled = {name: [value for block in blocks for value in block] for name, blocks in seconds.items()}
    mail, push = ([median(block) for block in seconds[name]] for name in (PUBSUB, _PUSH))
    return Figure(
        rows=[
            _median_row(mail, push, each=each),
            _p99_row(pooled),
            *rows_of_brokers("event to mail", {name: seconds[name] for name in (PUBSUB, NATS)}, digits=0),
        ],
        raw={"seconds": seconds},
        plots=[
            Plot(
                "event-to-mail",
                "From the answer to the mail on each broker, and from publish to push on the emulator",
                "ms",
                "% that took at most this long",
                {name: distribution(values, scale=1e3) for name, values in pooled.items()},
            )
        ],
    )


@contextmanager
def _works(world: World) -> Iterator[Mapping[str, Callable[[], float]]]:
    """One send_email serves both brokers: it does not know them."""
    mail_server = MailServer()
    smtp_port = mail_server.address.rpartition(":")[2]
    project, bare_project = world.new_project(), world.new_project()
    works: dict[str, Callable[[], float]] = {}
    with ExitStack() as running:
        running.callback(mail_server.stop)
        send_email = running.enter_context(
            world.serving("send_email", PEERS["usher"], project=project, SMTP_PORT=smtp_port)
        )
        for name, broker in ((PUBSUB, world.stack.broker), (NATS, running.enter_context(running_nats()))):
            broker.push_events_of(project, send_email.url)
            running.callback(broker.push_no_events_of, project)
            settings = broker.settings_at(broker.address)
            create_user = running.enter_context(
                world.serving("create_user", PEERS["usher"], project=project, **settings)
            )
            works[name] = partial(_seconds_to_arrival, signing_up(create_user.url), mail_server.mails)
        endpoint = running.enter_context(http_serving(HttpScript(reply("200 OK", {}))))
        world.stack.push_events_of(bare_project, f"http://127.0.0.1:{endpoint.port}/")
        publish = partial(
            PublisherClient().publish,
            topic=PublisherClient.topic_path(bare_project, "user.created"),
            messages=[PubsubMessage(data=b"x" * 300)],
        )
        works[_PUSH] = partial(_seconds_to_arrival, publish, endpoint.requests)
        yield works


def _seconds_to_arrival(work: Callable[[], object], arrivals: Sized) -> float:
    """From the end of `work` to one arrival more."""
    sleep(random.uniform(0, _IDLE_POLL_SECONDS))  # noqa: S311  at no moment of the emulator's poll in particular
    before = len(arrivals)
    work()
    ended = perf_counter()
    while len(arrivals) == before:
        assert perf_counter() - ended < _LONGEST_SECONDS, "nothing arrived"
        sleep(_LOOK_SECONDS)
    return perf_counter() - ended


def _median_row(mail: Sequence[float], push: Sequence[float], *, each: int) -> Row:
    more = [one - other for one, other in zip(mail, push, strict=True)]
    own = f"the emulator's own {median(push) * 1e3:.0f} ms from publish to push"
    return Row(
        "event to mail, p50",
        spread(mail, "ms", scale=1e3, digits=0),
        f"{spread(more, 'ms', scale=1e3, digits=0)} more, {each} by {each}, than {own}",
        f"at most {TARGET_SECONDS * 1e3:.0f} ms more",
        median(more) <= TARGET_SECONDS,
    )


def _p99_row(seconds: Mapping[str, Sequence[float]]) -> Row:
    mail, push = (percentile(seconds[name], 99) for name in (PUBSUB, _PUSH))
    return Row(
        f"event to mail, p99 of {len(seconds[PUBSUB])}",
        f"{mail * 1e3:.0f} ms",
        f"{(mail - push) * 1e3:+.0f} ms to the emulator's own {push * 1e3:.0f} ms",
        f"at most {TARGET_SECONDS * 1e3:.0f} ms more",
        mail - push <= TARGET_SECONDS,
        slowest=True,
    )
