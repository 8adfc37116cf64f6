"""The brokers in turns: how soon each has stored an event, and how soon its mail is there."""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import sleep

from benchmarks.figure import Figure, Row, percentile, ratios, spread
from benchmarks.figures.event_to_mail import seconds_to_arrival
from benchmarks.load import REST_SECONDS, signing_up, timed
from benchmarks.world import PEERS, World
from testkit.brokers.running_broker import RunningBroker
from testkit.brokers.running_nats import RunningNats
from testkit.mail_server import MailServer
from testkit.nats_server import NatsServer
from testkit.project import emulators_of
from testkit.pushing import an_event

_PUBSUB, _NATS = "Pub/Sub", "NATS"
_CONFIGURATIONS = {_NATS: "", "NATS that syncs each event": "jetstream { sync_interval: always }"}
Seconds = Mapping[str, list[list[float]]]  # by broker, block by block


def measure(world: World) -> Figure:
    with _running(world) as brokers, emulators_of(world.stack):
        published, mailed = _publish(world, brokers), _mail(world, brokers)
    return Figure(
        rows=[*_rows("publish", published, digits=2), *_rows("event to mail", mailed, digits=0)],
        raw={"publish": published, "event to mail": mailed},
    )


@contextmanager
def _running(world: World) -> Iterator[dict[str, RunningBroker]]:
    with ExitStack() as running:
        logs = Path(running.enter_context(TemporaryDirectory()))
        brokers: dict[str, RunningBroker] = {_PUBSUB: world.stack.broker}
        for name, configuration in _CONFIGURATIONS.items():
            server = running.enter_context(NatsServer.running())
            server.kill()
            server.start(configuration)
            brokers[name] = RunningNats(server.url, logs)
            running.callback(brokers[name].close)
        yield brokers


def _publish(world: World, brokers: Mapping[str, RunningBroker]) -> Seconds:
    """How long a publish takes."""
    event = an_event()
    works = {
        name: partial(timed, partial(broker.publisher(world.new_project()).publish, event))
        for name, broker in brokers.items()
    }
    return _in_turns(works, blocks=3 if world.quick else 5, each=10 if world.quick else 40)


def _mail(world: World, brokers: Mapping[str, RunningBroker]) -> Seconds:
    """From the response to a sign-up to its mail. One send_email serves all: it does not know the broker."""
    mail_server = MailServer()
    project = world.new_project()
    with ExitStack() as running:
        running.callback(mail_server.stop)
        smtp_port = mail_server.address.rpartition(":")[2]
        send_email = running.enter_context(
            world.serving("send_email", PEERS["usher"], project=project, SMTP_PORT=smtp_port)
        )
        works = {}
        for name in (_PUBSUB, _NATS):
            broker = brokers[name]
            broker.push_events_of(project, send_email.url)
            running.callback(broker.push_no_events_of, project)
            settings = broker.settings_at(broker.address)
            create_user = running.enter_context(
                world.serving("create_user", PEERS["usher"], project=project, **settings)
            )
            works[name] = partial(seconds_to_arrival, signing_up(create_user.url), mail_server.mails)
        return _in_turns(works, blocks=2 if world.quick else 4, each=5 if world.quick else 15)


def _in_turns(works: Mapping[str, Callable[[], float]], *, blocks: int, each: int) -> Seconds:
    for work in works.values():
        for _ in range(5):
            work()
    seconds: dict[str, list[list[float]]] = {name: [[] for _ in range(blocks)] for name in works}
    for block in range(blocks):
        for _ in range(each):
            for name in random.sample([*works], len(works)):
                seconds[name][block].append(works[name]())
                sleep(REST_SECONDS)
    return seconds


def _rows(figure: str, seconds: Seconds, *, digits: int) -> Iterator[Row]:
    medians = {name: [median(block) for block in blocks] for name, blocks in seconds.items()}
    p99 = {name: percentile([value for block in blocks for value in block], 99) for name, blocks in seconds.items()}
    emulator = medians.pop(_PUBSUB)
    of_the_emulator = f"of the Pub/Sub emulator's {spread(emulator, 'ms', scale=1e3, digits=digits)}"
    for name, values in medians.items():
        yield Row(
            f"{figure} on {name}, p50",
            spread(values, "ms", scale=1e3, digits=digits),
            f"{spread(ratios(values, emulator))} {of_the_emulator}",
        )
    for name in medians:
        yield Row(
            f"{figure} on {name}, p99 of {sum(map(len, seconds[name]))}",
            f"{p99[name] * 1e3:.{digits}f} ms",
            f"{p99[name] / p99[_PUBSUB]:.2f} of the Pub/Sub emulator's {p99[_PUBSUB] * 1e3:.{digits}f} ms",
            slowest=True,
        )
