"""What the fault tests share: a project and functions of a test's own, and a scripted mail server."""

from collections.abc import Iterator, Sequence

import pytest

from proofs.launched_function import Launch, LaunchedFunction
from testkit.project import Project, emulators_of
from testkit.running_function import PLAINLY
from testkit.smtp_server import Script, serving
from testkit.stack import LocalStack


@pytest.fixture
def project(stack: LocalStack) -> Iterator[Project]:
    with emulators_of(stack):
        project = Project(stack)
        yield project
        project.close()


@pytest.fixture
def launch(stack: LocalStack, project: Project) -> Iterator[Launch]:
    running = []

    def start(name: str, *, launched_by: Sequence[str] = PLAINLY, **settings: str) -> LaunchedFunction:
        settings = {"GOOGLE_CLOUD_PROJECT": project.id, **settings}
        function = LaunchedFunction(stack, name, settings, launched_by=launched_by)
        running.append(function)
        function.wait_until_ready()
        return function

    yield start
    for function in running:
        function.kill()


@pytest.fixture
def mail_server() -> Iterator[Script]:
    with serving(Script()) as script:
        yield script
