"""What was uploaded runs on the deployed Python, with nothing but what it locks."""

from pathlib import Path

import pytest

from deploy.topology import read_topology
from tests.deploy.conftest import PROJECT, Deployed
from tests.deploy.uploaded import build, deployed_python, environment, running, unpack
from tests.inbox import Inbox
from tests.signing_up import members, sign_up
from tests.stack import LocalStack

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def python() -> str:
    found = deployed_python()
    if not found:
        pytest.skip("Python 3.13 is not installed: what was uploaded is run on the version that is deployed")
    return found


@pytest.mark.parametrize("name", read_topology().functions)
def test_upload_holds_the_function_and_nothing_else(deployed: Deployed, tmp_path: Path, name: str) -> None:
    source = unpack(deployed.state, name.replace("_", "-"), tmp_path)

    names = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()}
    assert {"main.py", "requirements.txt", "shared/subscriber.py"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".", "tests"))]
    assert all(name.endswith((".py", ".txt", ".html")) for name in names), names


def test_uploaded_create_user_signs_a_user_up(
    deployed: Deployed, stack: LocalStack, python: str, tmp_path: Path
) -> None:
    source = unpack(deployed.state, "create-user", tmp_path / "create_user")
    own = build(source, python)
    settings = {**environment(deployed.state, "create-user"), **_emulators(stack)}
    stack.push_events_of(PROJECT)

    with running(own, source, "create_user", settings) as url:
        answer = sign_up(url, members())

    assert answer.status_code == 201, answer.text


@pytest.mark.exhaustive
def test_uploaded_functions_mail_a_welcome(
    deployed: Deployed, stack: LocalStack, inbox: Inbox, python: str, tmp_path: Path
) -> None:
    source = unpack(deployed.state, "send-email", tmp_path / "send_email")
    own = build(source, python)
    smtp_host, _, smtp_port = stack.smtp_host.partition(":")
    local = {"SMTP_HOST": smtp_host, "SMTP_PORT": smtp_port, "SMTP_SECURITY": "none", "SMTP_USER": ""}
    settings = {**environment(deployed.state, "send-email"), **_emulators(stack), **local}
    user = members()

    with running(own, source, "send_email", settings) as url:
        stack.push_events_of(PROJECT, url)
        creator = unpack(deployed.state, "create-user", tmp_path / "create_user")
        own = build(creator, python)
        settings = {**environment(deployed.state, "create-user"), **_emulators(stack)}
        with running(own, creator, "create_user", settings) as entrance:
            assert sign_up(entrance, user).status_code == 201
        mail = inbox.wait_for_mail_to(str(user["email"]))

    assert mail["From"] == "Usher <welcome@example.com>"


def _emulators(stack: LocalStack) -> dict[str, str]:
    return {"PUBSUB_EMULATOR_HOST": stack.pubsub_host, "FIRESTORE_EMULATOR_HOST": stack.firestore_host}
