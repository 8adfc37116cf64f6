"""What goes wrong during the long run: several tracks at once, each with one fault after another."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from threading import Event, Thread

from emulator.inbox.mail_faults import MailFault
from proofs.long_run_brokers import NatsOfRun
from proofs.long_run_instance import Instance
from proofs.long_run_world import LEASE_SECONDS, World
from testkit.pusher_process import POLICY
from testkit.tcp_proxy import TcpProxy

_CALM_SECONDS = (2.0, 8.0)
_FAULT_SECONDS = (0.5, 3.0)
_PAUSE_SECONDS = (LEASE_SECONDS + 0.5, LEASE_SECONDS + 2.0)
# Longer than what it has taken is left to it; the other pusher gets that.
_PUSHER_PAUSE_SECONDS = (POLICY.ack_deadline_seconds + 0.5, POLICY.ack_deadline_seconds + 2.0)
_SLOW_SECONDS = 0.2
# Without the fault that is never made up for, and without the one that outlasts a lease.
_PASSING_MAIL_FAULTS = [fault for fault in MailFault if fault not in (MailFault.RCPT_550, MailFault.SLOW)]


@dataclass(frozen=True)
class Fault:
    """Something that begins and ends; `seconds` bound how long it lasts."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]
    seconds: tuple[float, float] = _FAULT_SECONDS


def _nothing() -> None:
    """How a fault ends that is over immediately."""


def tracks(world: World) -> dict[str, list[Fault]]:
    """Every fault, by what it strikes. Faults of one track never overlap, those of different tracks do."""
    return {
        "Firestore": _link_faults(world.firestore),
        world.beyond.name: [*_link_faults(world.broker), *_server_faults(world)],
        "mail server": [*_link_faults(world.smtp), *(_mail_fault(world, fault) for fault in _PASSING_MAIL_FAULTS)],
        "clients": [
            *_link_faults(world.door),
            *(
                Fault(f"{name} killed", instance.kill, _nothing)
                for name, instance in world.instances.items()
                if instance not in world.senders
            ),
        ],
        "pushes": [
            *_link_faults(world.push),
            *(Fault("send_email killed", sender.kill, _nothing) for sender in world.senders),
            *(_pause(sender, world.push) for sender in world.senders),
        ],
        **({"pushers": pusher_faults} if (pusher_faults := list(_pusher_faults(world))) else {}),
    }


def _server_faults(world: World) -> list[Fault]:
    if isinstance(world.beyond, NatsOfRun):
        return [Fault("killed", world.beyond.server.kill, world.beyond.server.start)]
    return []


def _pusher_faults(world: World) -> Iterator[Fault]:
    for pusher in world.beyond.pushers:
        yield Fault("killed", pusher.kill, _nothing)
        yield Fault("paused", pusher.pause, pusher.resume, _PUSHER_PAUSE_SECONDS)


def _link_faults(link: TcpProxy) -> list[Fault]:
    return [
        Fault("down", link.refuse, link.forward),
        Fault("silent", link.blackhole, link.forward),
        Fault("replies lost", link.swallow_replies, link.forward),
        Fault("slow", partial(_delay, link, _SLOW_SECONDS), partial(_delay, link, 0)),
    ]


def _delay(link: TcpProxy, seconds: float) -> None:
    link.delay_seconds = seconds


def _mail_fault(world: World, fault: MailFault) -> Fault:
    def become(current: MailFault | None) -> None:
        world.mail_server.fault = current

    return Fault(fault.name, partial(become, fault), partial(become, None))


def _pause(sender: Instance, push: TcpProxy) -> Fault:
    """The instance is paused and its pushes time out, so that the other one takes over; then it resumes."""

    def begin() -> None:
        sender.pause()
        push.refuse()
        push.forward()

    return Fault("send_email paused", begin, sender.resume, _PAUSE_SECONDS)


class Storm:
    """
    Runs every track until `stop`, and counts what it did.

    The same seed gives the same faults in the same order in each track; how they meet the work is up to the machine.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self._over = Event()
        self._threads = [
            Thread(target=self._run, args=(track, faults, Random(f"{seed} {track}")))  # noqa: S311  it must be repeatable
            for track, faults in tracks(world).items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, track: str, faults: Sequence[Fault], chance: Random) -> None:
        while not self._over.wait(chance.uniform(*_CALM_SECONDS)):
            fault = chance.choice(faults)
            self.counts[f"{track}: {fault.name}"] += 1
            fault.begin()
            self._over.wait(chance.uniform(*fault.seconds))
            fault.end()
