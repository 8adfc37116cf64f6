"""What was uploaded runs on the deployed Python, with nothing but what it locks."""

from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from google.cloud.firestore import Client

from blueprint.topology import read_topology
from emulator.sms.messages_api import ACCOUNT_SID, AUTH_TOKEN
from testkit.inbox import Inbox
from testkit.pushing import an_event, push
from testkit.relaying import relay
from testkit.signing_up import members, sign_up
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack
from tests.deploy.conftest import Deployed
from tests.deploy.fake_google.server import FakeGoogle
from tests.deploy.uploaded import build, deployed_python, environment, running, unpack
from tests.unit.deploy.plans import PROJECT, SMS

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="session")
def python() -> str:
    found = deployed_python()
    if not found:
        pytest.skip("Python 3.13 is not installed: what was uploaded is run on the version that is deployed")
    return found


@pytest.mark.parametrize("name", [name for name, f in read_topology().functions.items() if not f.optional])
def test_upload_holds_the_function_and_nothing_else(deployed: Deployed, tmp_path: Path, name: str) -> None:
    source = unpack(deployed.state, name.replace("_", "-"), tmp_path)

    assert_holds_a_function_alone(source)


def assert_holds_a_function_alone(source: Path) -> None:
    names = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()}
    assert {"main.py", "requirements.txt", "shared/runtime/logs.py"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".", "tests"))]
    assert all(name.endswith((".py", ".txt", ".html", ".css", ".js")) for name in names), names


@dataclass(frozen=True)
class Uploaded:
    """What was uploaded for a function, unpacked, and a Python with what it locks."""

    source: Path
    python: Path


@pytest.fixture(scope="session")
def creator(deployed: Deployed, python: str, tmp_path_factory: pytest.TempPathFactory) -> Uploaded:
    source = unpack(deployed.state, "create-user", tmp_path_factory.mktemp("creator") / "create_user")
    return Uploaded(source, build(source, python))


def test_uploaded_create_user_signs_a_user_up(deployed: Deployed, stack: LocalStack, creator: Uploaded) -> None:
    settings = {**environment(deployed.state, "create-user"), **_emulators(stack)}
    stack.push_events_of(PROJECT)

    with running(creator.python, creator.source, "create_user", settings) as url:
        answer = sign_up(url, members())

    assert answer.status_code == 201, answer.text


def test_uploaded_relay_publishes_what_is_left_in_the_outbox(
    deployed: Deployed, stack: LocalStack, creator: Uploaded, firestore_client: Client, inbox: Inbox, tmp_path: Path
) -> None:
    source = unpack(deployed.state, "relay-outbox", tmp_path / "relay_outbox")
    own = {"GOOGLE_CLOUD_PROJECT": firestore_client.project, "OUTBOX_GRACE_SECONDS": "0"}
    settings = {**environment(deployed.state, "relay-outbox"), **_emulators(stack), **own}
    stack.push_events_of(firestore_client.project)
    event = an_event()
    firestore_client.document("outbox", event.event_id).create(asdict(event))

    others = _locked(source) - _locked(creator.source)
    assert not others, "the creator's Python lacks what the relay locks"
    with running(creator.python, source, "relay_outbox", settings) as url:
        report = relay(url)
        inbox.wait_for_mail_to(event.email)

    assert report == {"relayed": 1, "remaining": 0}


@pytest.mark.exhaustive
def test_uploaded_functions_mail_a_welcome(
    deployed: Deployed, stack: LocalStack, inbox: Inbox, python: str, creator: Uploaded, tmp_path: Path
) -> None:
    source = unpack(deployed.state, "send-email", tmp_path / "send_email")
    own = build(source, python)
    smtp_host, _, smtp_port = stack.smtp_host.partition(":")
    local = {"SMTP_HOST": smtp_host, "SMTP_PORT": smtp_port, "SMTP_SECURITY": "none", "SMTP_USER": ""}
    settings = {**environment(deployed.state, "send-email"), **_emulators(stack), **local}
    user = members()

    with running(own, source, "send_email", settings) as url:
        stack.push_events_of(PROJECT, url)
        settings = {**environment(deployed.state, "create-user"), **_emulators(stack)}
        with running(creator.python, creator.source, "create_user", settings) as entrance:
            assert sign_up(entrance, user).status_code == 201
        mail = inbox.wait_for_mail_to(str(user["email"]))

    assert mail["From"] == "Usher <welcome@example.com>"


@pytest.mark.exhaustive
def test_uploaded_notify_admin_texts_the_admin(
    texting_google: FakeGoogle,
    stack: LocalStack,
    sms_inbox: SmsInbox,
    python: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # what makes gcloud reach the fake: pip is to reach its index
    source = unpack(texting_google.state, "notify-admin", tmp_path / "notify_admin")
    assert_holds_a_function_alone(source)
    own = build(source, python)
    local = {
        "SMS_BASE_URL": stack.ui_url.rstrip("/"),
        "SMS_ACCOUNT_SID": ACCOUNT_SID,
        "SMS_AUTH_TOKEN": AUTH_TOKEN,
    }
    settings = {**environment(texting_google.state, "notify-admin"), **_emulators(stack), **local}
    event = an_event()

    with running(own, source, "notify_admin", settings) as url:
        answer = push(url, event)

    assert answer.status_code == 200, answer.text
    assert sms_inbox.wait_for_sms_about(event.user_id)["to"] == SMS["SMS_TO"]


def _emulators(stack: LocalStack) -> dict[str, str]:
    return {"PUBSUB_EMULATOR_HOST": stack.pubsub_host, "FIRESTORE_EMULATOR_HOST": stack.firestore_host}


def _locked(source: Path) -> set[str]:
    """Each package and its version, `flask==3.1.3`."""
    lines = (source / "requirements.txt").read_text().splitlines()
    return {line.split()[0] for line in lines if "==" in line}
