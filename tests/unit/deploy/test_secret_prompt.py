import pytest

from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.settings import SettingsError
from deploy.steps.secrets import complete_secrets

DEPLOYMENT = Deployment(read_topology(), "demo-project", "europe-west1", {"SMTP_USER": "me"})


def test_secret_that_is_not_typed_when_asked_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("deploy.steps.secrets.getpass", ended)

    with pytest.raises(SettingsError, match="SMTP_PASSWORD was not given: type it when prompted"):
        complete_secrets(DEPLOYMENT, {}, lambda _command, _payload: "")
