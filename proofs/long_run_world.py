"""The system under test in the long run: its functions, and everything between them that can fail."""

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Self
from uuid import uuid4

from google.cloud.firestore import Client

from blueprint.topology import read_topology
from emulator.functions.environment import function_environment, local_settings
from proofs.long_run_brokers import NatsOfRun, PubsubOfStack
from proofs.long_run_instance import Instance
from shared.broker.settings import Broker
from testkit.canary import LINK_KEYS, PEPPERS
from testkit.free_ports import free_port
from testkit.mail_server import MailServer
from testkit.nats_server import NatsServer
from testkit.own_environment import own_environment
from testkit.polling import eventually, is_serving
from testkit.project import emulators_of
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

LEASE_SECONDS = 3
_QUICKSTART = Path(__file__).parents[1] / "benchmarks" / "quickstart"
_TOPOLOGY = read_topology()


class Peer(StrEnum):
    """Who is put to the test."""

    USHER = "usher"
    QUICKSTART = "quickstart"


class World:
    """
    One peer's functions in a project of their own, on the emulators of `stack`, or on a NATS server of their own.

    `firestore`, `broker` and `smtp` stand between the functions and what they use, `door` between clients and
    create_user, `push` between whoever pushes and the two instances of send_email.
    """

    def __init__(self, stack: LocalStack, peer: Peer, ending: ExitStack, *, broker: Broker, verify_email: bool) -> None:
        self.peer = peer
        self._verify_email = verify_email
        self.project = f"chaos-{uuid4().hex[:12]}"
        self._stack = stack
        self.mail_server = MailServer()
        ending.callback(self.mail_server.stop)
        self.beyond: PubsubOfStack | NatsOfRun = PubsubOfStack(stack.pubsub_host)
        if broker is Broker.NATS:
            self.beyond = NatsOfRun(ending.enter_context(NatsServer.running()), stack.logs)
        self.firestore, self.broker, self.smtp = (
            ending.enter_context(TcpProxy(target))
            for target in (stack.firestore_host, self.beyond.running.address, self.mail_server.address)
        )
        ports = {name: free_port() for name in ("create_user", "relay_outbox", "send_email.1", "send_email.2")}
        if peer is Peer.QUICKSTART:
            del ports["relay_outbox"]
        self.urls = [f"http://127.0.0.1:{port}/" for port in ports.values()]
        self.instances = {name: self._run(name, port) for name, port in ports.items()}
        for instance in self.instances.values():
            ending.callback(instance.stop)
        self.senders = [self.instances["send_email.1"], self.instances["send_email.2"]]
        self.door = ending.enter_context(TcpProxy(f"127.0.0.1:{ports['create_user']}"))
        senders = [f"127.0.0.1:{ports[name]}" for name in ("send_email.1", "send_email.2")]
        self.push = ending.enter_context(_Balancer(senders))
        self.relay_url = f"http://127.0.0.1:{ports['relay_outbox']}/" if peer is Peer.USHER else None

    @classmethod
    @contextmanager
    def running(
        cls, stack: LocalStack, peer: Peer, *, broker: Broker = Broker.PUBSUB, verify_email: bool = False
    ) -> Iterator[Self]:
        """A world that is ready to be used, and gone afterwards whatever became of it."""
        with ExitStack() as ending:
            world = cls(stack, peer, ending, broker=broker, verify_email=verify_email)
            assert eventually(lambda: all(map(is_serving, world.urls)), seconds=60), world.log_lines()
            world.beyond.push(world.project, world.push.address, via=world.broker.address)
            for pusher in world.beyond.pushers:
                ending.callback(pusher.stop)
            yield world

    @property
    def url(self) -> str:
        """Where users sign up."""
        return f"http://{self.door.address}/"

    def firestore_client(self) -> Client:
        """A client of Firestore itself, which never fails."""
        with emulators_of(self._stack):
            return Client(project=self.project)

    def heal(self) -> None:
        """End every fault."""
        for link in (self.firestore, self.broker, self.smtp, self.door, self.push):
            link.delay_seconds = 0
            link.forward()
        self.mail_server.fault = None
        for instance in [*self.instances.values(), *self.beyond.pushers]:
            instance.resume()

    def log_lines(self) -> list[str]:
        return [line for log in self._stack.logs.glob(f"{self.project}.*") for line in log.read_text().splitlines()]

    def _run(self, name: str, port: int) -> Instance:
        function_name = name.partition(".")[0]
        function = _TOPOLOGY.functions[function_name]
        settings = {
            "GOOGLE_CLOUD_PROJECT": self.project,
            "PASSWORD_PEPPERS": PEPPERS,
            "LINK_KEYS": LINK_KEYS,
            "VERIFY_EMAIL": str(self._verify_email).lower(),
            "SIGN_UPS_A_MINUTE": "100000",  # a ceiling for strangers: these clients are to meet other faults
            "BCRYPT_ROUNDS": "10",
            "OUTBOX_GRACE_SECONDS": "1",
            "SMTP_PORT": str(self.smtp.port),
            "SMTP_DEADLINE_SECONDS": "2",
            "LEASE_SECONDS": str(LEASE_SECONDS),
        }
        staged, quickstart = self._stack.bundles / function_name / "main.py", _QUICKSTART / f"{function_name}.py"
        return Instance(
            [
                *("-m", "functions_framework", "--host", "127.0.0.1", "--port", str(port)),
                *("--source", str(staged if self.peer is Peer.USHER else quickstart), "--target", function.target),
            ],
            environment=function_environment(
                function,
                local=local_settings(self._stack.ports, _TOPOLOGY),
                emulator_hosts={
                    "FIRESTORE_EMULATOR_HOST": self.firestore.address,
                    **self.beyond.running.settings_at(self.broker.address),
                },
                environ={**own_environment(), **settings},
            ),
            log=self._stack.logs / f"{self.project}.{name}.log",
        )


class _Balancer(TcpProxy):
    """Hands each connection to one of several servers, as a platform does with instances."""

    def __init__(self, targets: list[str]) -> None:
        super().__init__(targets[0])
        self._targets = targets

    def serve(self, client: socket.socket) -> None:
        self._target = random.choice(self._targets)  # noqa: S311  guessing it does no harm
        super().serve(client)
