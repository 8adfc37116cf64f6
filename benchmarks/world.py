"""What is measured: Google's emulators, and functions beside them, each in its own server process."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

import httpx
import psutil

from benchmarks.stored import warm_up
from testkit.canary import PEPPERS
from testkit.project import emulators_of
from testkit.running_function import FreshFunction
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

LINK_KEYS = "1:canary-key-that-protects-nothing-00000000"
_HERE = Path(__file__).parent
QUICKSTART = _HERE / "quickstart"
# Who is compared, by their code; None means the staged bundle.
PEERS = {"usher": None, "quickstart": QUICKSTART}
# The stack itself starts the emulators frugally; they are not what is measured here, and hold far more.
_UNHURRIED_JAVA = "-XX:TieredStopAtLevel=4 -Xmx4g"
_WARM = 10_000  # from then on, Java compiles next to nothing; while it compiles, responses come in bursts
EMPTY = _HERE / "empty"
FAR_SECONDS = 0.04
# The mailbox first, and no ceiling but that of the machine.
VERIFYING = {"VERIFY_EMAIL": "true", "LINK_KEYS": LINK_KEYS, "SIGN_UPS_A_MINUTE": "1000000"}


@dataclass(frozen=True)
class World:
    """A local stack whose emulators are used; its own functions are idle. `quick` asks for a rough answer."""

    stack: LocalStack
    quick: bool

    @classmethod
    @contextmanager
    def running(cls, *, quick: bool, java_options: str = _UNHURRIED_JAVA) -> Iterator[Self]:
        settings = {"BCRYPT_ROUNDS": "10", "PASSWORD_PEPPERS": PEPPERS, "_JAVA_OPTIONS": java_options}
        with LocalStack.running(settings) as stack:
            _go_past_the_front_door(stack)
            world = cls(stack, quick)
            with emulators_of(stack):
                warm_up(world.new_project(), 800 if quick else _WARM)
            yield world

    def new_project(self) -> str:
        """A project with the topics and no subscriber."""
        project = f"bench-{uuid4().hex[:12]}"
        topic = f"http://{self.stack.pubsub_host}/v1/projects/{project}/topics/user.created"
        httpx.put(topic, json={}, trust_env=False).raise_for_status()
        return project

    def start(self, name: str, source: Path | None, *, project: str, **settings: str) -> FreshFunction:
        """
        Start the function `name` of topology.toml; the caller stops it.

        `source` takes the place of its code: a file, or a folder with one that is named like the function.
        """
        if source and source.is_dir():
            source /= f"{name}.py"
        return FreshFunction(self.stack, name, {"GOOGLE_CLOUD_PROJECT": project, **settings}, source=source)

    @contextmanager
    def serving(self, name: str, source: Path | None, *, project: str, **settings: str) -> Iterator[FreshFunction]:
        with self.serving_several(name, source, [settings], project=project) as [function]:
            yield function

    @contextmanager
    def serving_several(
        self, name: str, source: Path | None, all_settings: Sequence[Mapping[str, str]], *, project: str
    ) -> Iterator[list[FreshFunction]]:
        """The same function with each of the settings; they start at the same time."""
        with ExitStack() as ending:
            functions = []
            for settings in all_settings:
                functions.append(self.start(name, source, project=project, **settings))
                ending.callback(functions[-1].kill)
            for function in functions:
                function.wait_until_ready()
            yield functions

    @contextmanager
    def far_away(self) -> Iterator[dict[str, str]]:
        """Yields the settings of functions whose every call to an emulator takes FAR_SECONDS more."""
        with ExitStack() as ending:
            settings = {}
            for name, address in self.stack.emulator_hosts.items():
                proxy = ending.enter_context(TcpProxy(address))
                proxy.delay_seconds = FAR_SECONDS / 2  # there, and back
                settings[name] = proxy.address
            yield settings


def _go_past_the_front_door(stack: LocalStack) -> None:
    """Let everything that uses the stack's emulators reach them directly: the proxy is not what is measured."""
    commands = [" ".join(each.cmdline()) for each in psutil.Process(stack.process.pid).children()]
    stack.pubsub_host, stack.firestore_host = (
        f"127.0.0.1:{port}"
        for name in ("pubsub", "firestore")
        for command in commands
        for port in re.findall(rf"{name}.*--port[ =](\d+)", command)
    )


def pss_mib(pid: int) -> float:
    """The memory of a process and all below it; what they share with others is counted in parts."""
    process = psutil.Process(pid)
    processes = [process, *process.children(recursive=True)]
    return float(sum(each.memory_full_info().pss for each in processes)) / 2**20


def cpu_seconds(pid: int) -> float:
    """What a process and all below it have used of CPUs."""
    process = psutil.Process(pid)
    times = [each.cpu_times() for each in [process, *process.children(recursive=True)]]
    return float(sum(each.user + each.system for each in times))
