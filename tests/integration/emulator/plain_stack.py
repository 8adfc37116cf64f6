"""A local stack whose functions do next to nothing, for tests of the stack itself."""

from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex

from emulator.google.find import USER_CACHE
from testkit.plain_http import http
from testkit.stack import LocalStack
from tests.integration.emulator.processes import processes

FUNCTIONS = {
    "create_user": """
import os
import functions_framework
@functions_framework.http
def create_user(request):
    return {"pid": os.getpid(), "text": "before"}
""",
    "relay_outbox": """
import functions_framework
@functions_framework.http
def relay_outbox(request):
    return {"relayed": 0, "remaining": 0}
""",
    "audit": """
import functions_framework
@functions_framework.http
def audit(request):
    return {"status": 0, "report": []}
""",
    "send_email": """
import functions_framework
@functions_framework.cloud_event
def send_email(event):
    pass
""",
    "notify_admin": """
import functions_framework
@functions_framework.cloud_event
def notify_admin(event):
    pass
""",
}


NOBODY = "http://127.0.0.1:9"
# A company's proxy, which gRPC and httpx read, and a locale without umlauts.
ODD_MACHINE = {
    **dict.fromkeys(["http_proxy", "https_proxy", "grpc_proxy", "HTTPS_PROXY"], NOBODY),
    **dict.fromkeys(["no_proxy", "no_grpc_proxy"], "mirror.example"),
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "LC_ALL": "C",
    "XDG_CACHE_HOME": str(USER_CACHE.parent),  # where emulators may have been downloaded to
}


class PlainStack(LocalStack):
    """
    The local stack with functions that do next to nothing; Python's warnings are errors.

    It runs on an odd machine, from a folder with a blank and an umlaut in its name, and has a `home` of its own.
    """

    def __init__(
        self,
        folder: Path,
        emulators: Mapping[str, str],
        *,
        code: Mapping[str, str] = FUNCTIONS,
        output: int | None = None,
    ) -> None:
        """Without `emulators` it starts its own; of those given it has a project to itself."""
        self.home = folder / "home"
        self.home.mkdir()
        environment = {"GOOGLE_CLOUD_PROJECT": f"test-{token_hex(8)}", **ODD_MACHINE, "HOME": str(self.home)}
        odd_folder = folder / "für Usher"
        odd_folder.mkdir(exist_ok=True)
        options = ("-X", "dev", "-W", "error")
        super().__init__(odd_folder, {**environment, **emulators}, code=code, options=options, output=output)

    def pids(self) -> list[int]:
        """The stack's own process and everything below it."""
        running = processes()
        found = [self.process.pid]
        for pid in found:
            found += [each.pid for each in running.values() if each.parent == pid]
        return found

    def child(self, part_of_command: str) -> int:
        """The one process that the stack itself has started with this in its command."""
        [pid] = [
            each.pid
            for each in processes().values()
            if each.parent == self.process.pid and part_of_command in each.command
        ]
        return pid

    def worker(self, part_of_command: str) -> int:
        """The process that answers for the function with this in its command: gunicorn's worker."""
        [pid] = [each.pid for each in processes().values() if each.parent == self.child(part_of_command)]
        return pid

    def not_responding(self) -> list[str]:
        parts = http.get(f"{self.ui_url}api/status").json()["parts"]
        return [name for name, part in parts.items() if part["state"] == "not responding"]
