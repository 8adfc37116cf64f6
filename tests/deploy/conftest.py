"""The real gcloud, talking to the fake Google through its proxy settings."""

import fcntl
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from blueprint.bundle import stage
from blueprint.topology import read_topology
from tests.deploy.fake_google.routing import TO_BE_ENABLED
from tests.deploy.fake_google.server import Call, FakeGoogle
from tests.deploy.fake_google.state import State
from tests.deploy.faults import fault
from tests.deploy.single_steps import Steps, carry_out
from tests.deploy.warm_python import warm_python
from tests.unit.deploy.plans import PROJECT, REGION, SMS, SMTP_PASSWORD, all_steps, deployment
from tests.unit.deploy.printed import SETTINGS

SMS_AUTH_TOKEN = "a-token-for-SMS"
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Deploy:
    """`python -m deploy` from a copy of the project, against the fake."""

    root: Path
    environment: Mapping[str, str]

    def __call__(self, verb: str, *flags: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy", verb, f"--project={PROJECT}", f"--region={REGION}", *flags],
            cwd=self.root,
            env=self.environment,
            input=f"{SMTP_PASSWORD}\n",
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        return self("up", *SETTINGS, "--public")


@dataclass(frozen=True)
class Deployed:
    """What an `up` that was stopped in the middle said, and the next; what they called and left behind."""

    stopped: subprocess.CompletedProcess[str]
    output: str
    journal: tuple[Call, ...]
    state: State


def copy_project(root: Path) -> Path:
    """What of the project the deployment is made from."""
    for part in ("blueprint", "deploy", "functions", "operations"):
        shutil.copytree(_ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "topology.toml", root)
    return root


@pytest.fixture(scope="session")
def gcloud() -> str:
    path = shutil.which("gcloud")
    if not path:
        pytest.skip("gcloud is not installed: the deployment is tested against the real one")
    return path


@pytest.fixture(scope="session")
def _google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGoogle]:
    with FakeGoogle(tmp_path_factory.mktemp("google"), PROJECT).serving() as google:
        yield google


@pytest.fixture
def google(_google: FakeGoogle) -> FakeGoogle:
    """A project with nothing in it, whose APIs are on."""
    _google.restore(State(PROJECT, apis=set(TO_BE_ENABLED)))
    return _google


@pytest.fixture(scope="session")
def _warm_python(gcloud: str) -> Iterator[Path]:
    with warm_python(gcloud) as python:
        yield python


@pytest.fixture(scope="session")
def gcloud_environment(
    gcloud: str, _google: FakeGoogle, _warm_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What makes gcloud, and the deployment's own questions, reach the fake and nothing else."""
    folder = tmp_path_factory.mktemp("gcloud")
    (folder / "token").write_text("a-fake-token")
    return {
        **{name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ},
        "PATH": f"{Path(gcloud).parent}:{os.environ['PATH']}",
        "CLOUDSDK_PYTHON": str(_warm_python),
        "CLOUDSDK_CONFIG": str(folder),
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(folder / "token"),
        "CLOUDSDK_PROXY_TYPE": "http",
        "CLOUDSDK_PROXY_ADDRESS": "127.0.0.1",
        "CLOUDSDK_PROXY_PORT": str(_google.port),
        "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(_google.ca_file),
        "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        "HTTPS_PROXY": f"http://127.0.0.1:{_google.port}",
        "SSL_CERT_FILE": str(_google.ca_file),
    }


@pytest.fixture(scope="session")
def deploy(gcloud_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Deploy:
    """From a copy, with its bundles staged: the checkout's own may be running."""
    root = copy_project(tmp_path_factory.mktemp("project"))
    for name, function in read_topology().functions.items():
        stage(name, function, root)
    return Deploy(root, gcloud_environment)


@pytest.fixture(scope="session")
def deployed(deploy: Deploy, _google: FakeGoogle, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """A bare project, deployed to: once for all tests of all workers, which go on from its state."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    file = folder / "deployed"
    with (folder / "deployed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_bytes(pickle.dumps(_deploy_with_a_fault(deploy, _google)))
    return cast("Deployed", pickle.loads(file.read_bytes()))  # noqa: S301  written by this run


def _deploy_with_a_fault(deploy: Deploy, google: FakeGoogle) -> Deployed:
    google.restore(State(PROJECT))
    google.faults.append(fault("no permission"))
    stopped = deploy.up()
    google.faults.clear()
    done = deploy.up()
    assert done.returncode == 0, stopped.stderr + done.stdout + done.stderr + "\n".join(google.unknown)
    assert google.unknown == []
    google.state.undelivered = dict.fromkeys(google.state.subscriptions, 0)
    return Deployed(stopped, done.stdout + done.stderr, tuple(google.journal), google.saved())


@pytest.fixture
def deployed_google(deployed: Deployed, google: FakeGoogle) -> FakeGoogle:
    """The fake as the first `up` has left it, and nothing waits."""
    google.restore(deployed.state)
    return google


@pytest.fixture
def steps(gcloud_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, deploy: Deploy) -> Steps:
    """The deployment's steps one by one, in this process."""
    _reach_the_fake(monkeypatch, gcloud_environment, deploy)
    return Steps(all_steps(deployment(), SMTP_PASSWORD=SMTP_PASSWORD))


@pytest.fixture(scope="session")
def _texting(deployed: Deployed, _google: FakeGoogle, deploy: Deploy, gcloud_environment: dict[str, str]) -> State:
    """The same, after notify_admin was switched on: the steps that its settings add were carried out."""
    others = {step.sentence for step in all_steps(deployment(), SMTP_PASSWORD=SMTP_PASSWORD)}
    with_texts = all_steps(deployment(**SMS), SMS_AUTH_TOKEN=SMS_AUTH_TOKEN)
    _google.restore(deployed.state)
    with pytest.MonkeyPatch.context() as patch:
        _reach_the_fake(patch, gcloud_environment, deploy)
        carry_out([step for step in with_texts if step.sentence not in others])
    return _google.saved()


@pytest.fixture
def texting_google(_texting: State, google: FakeGoogle) -> FakeGoogle:
    google.restore(_texting)
    return google


def _reach_the_fake(patch: pytest.MonkeyPatch, environment: dict[str, str], deploy: Deploy) -> None:
    for name, value in environment.items():
        patch.setenv(name, value)
    patch.setattr("blueprint.gcloud.PROJECT_ROOT", deploy.root)
