"""The mailbox first, deployed: who gets keys and the page's address, in which order, switched on and off again."""

import io
import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from blueprint.gcloud import Command, GcloudError, Run
from create_user.settings import Settings
from deploy.deployment import Deployment
from deploy.settings import Given, everything_of
from deploy.step import filled
from deploy.steps.secrets import with_kept_secrets
from deploy.trial import RevisionRefusedError
from deploy.up import next_steps
from deploy.up import up as deploy_up
from send_email.settings import Settings as SendEmailSettings
from shared.runtime.settings import read_settings
from shared.runtime.versioned_secrets import VersionedSecrets
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_project import FakeProject, Names
from tests.unit.deploy.fake_usher import SENT, FakeUsher
from tests.unit.deploy.plans import PROJECT, REGION, SMTP, SMTP_PASSWORD, all_steps, deployment
from tests.unit.deploy.versions import newest, up, version

OWN_PAGE = "https://create-user-the-PROJECT_NUMBER.europe-west1.run.app/sign-up"
KEYS = f"1:{40 * 'k'}"


def verifying(**settings: str) -> Deployment:
    return deployment(VERIFY_EMAIL="true", **settings)


def deployed_with(of: Deployment, name: str) -> dict[str, str]:
    """The environment of a function, from the command that deploys it; a secret's is where it comes from."""
    (command,) = [step.command for step in all_steps(of) if f"deploy {name} " in step.sentence]
    words = dict(word.split("=", 1) for word in filled(command, Names()) if word.startswith("--set-"))
    settings = words["--set-env-vars"].removeprefix("^|^").split("|")
    return dict(pair.split("=", 1) for pair in [*settings, *filter(None, words.get("--set-secrets", "").split(","))])


@pytest.mark.parametrize("settings", [{}, {"VERIFY_EMAIL": "false"}])
def test_open_mode_has_neither_keys_nor_a_page(settings: dict[str, str]) -> None:
    of = deployment(**settings)

    made = " ".join(word for step in all_steps(of) for word in step.command)

    assert "link-keys" not in made
    assert "SIGN_UP_URL" not in made
    assert read_settings(Settings, {**deployed_with(of, "create-user"), "PASSWORD_PEPPERS": KEYS}).verify_email is False


def test_both_functions_start_with_the_same_keys_and_links_lead_to_create_users_own_page() -> None:
    create_user, send_email = (deployed_with(verifying(), name) for name in ("create-user", "send-email"))

    assert create_user["LINK_KEYS"] == send_email["LINK_KEYS"] == "usher-link-keys:the-LINK_KEYS_VERSION"
    read = read_settings(Settings, {**create_user, "LINK_KEYS": KEYS, "PASSWORD_PEPPERS": KEYS})
    sent = read_settings(SendEmailSettings, {**send_email, "LINK_KEYS": KEYS})
    assert (read.verify_email, read.max_instances, sent.sign_up_url) == (True, 6, OWN_PAGE)
    own = deployed_with(verifying(SIGN_UP_URL="https://a.example/b"), "send-email")
    assert own["SIGN_UP_URL"] == "https://a.example/b"


def test_keys_are_made_like_the_pepper_and_are_there_before_who_needs_them() -> None:
    steps = all_steps(verifying(), SMTP_PASSWORD=SMTP_PASSWORD)
    sentences = [step.sentence for step in steps]
    making = [step.payload for step in steps if "first version of usher-" in step.sentence and step.payload][:2]
    order = ["first version of usher-link-keys", "deploy send-email", "Push user.created", "deploy create-user"]

    made = [payload.read("") for payload in making * 2]

    assert len({VersionedSecrets.parse(one)["1"] for one in made}) == 4
    places = [next(n for n, one in enumerate(sentences) if part in one) for part in order]
    assert places == sorted(places)


@pytest.mark.usefixtures("clock")
def test_switched_on_send_email_comes_first_and_create_user_once_a_canary_has_got_its_link(
    cloud: FakeCloudRun, usher: FakeUsher
) -> None:
    up(cloud, version(1))
    cloud.link_keys = KEYS
    usher.link_keys = VersionedSecrets.parse(KEYS)

    usher.of_request = {"send_email": {"state": "undeliverable", "last_error": "smtp_550"}}
    with pytest.raises(RevisionRefusedError, match="request was stored, send_email: undeliverable smtp_550"):
        up(cloud, switched_on(), usher)

    assert cloud.called("run", "deploy") == ["send-email", "create-user"]

    usher.of_request = {"send_email": SENT}
    up(cloud, switched_on(), usher)

    assert cloud.called("run", "deploy") == []
    assert cloud.serving() == newest(cloud)
    assert [path for path in usher.documents if not path.startswith("deliveries/")] == []
    assert KEYS not in json.dumps(cloud.journal)


@pytest.mark.usefixtures("clock")
def test_switched_off_send_email_keeps_its_keys_so_that_requests_under_way_are_mailed(cloud: FakeCloudRun) -> None:
    up(cloud, switched_on(), at_once=True)
    before = cloud.serving()["send-email"]

    up(cloud, with_kept_secrets(version(1), the_keys("enabled")), at_once=True)

    assert cloud.called("run", "deploy") == ["create-user"]
    assert cloud.serving()["send-email"] == before


@pytest.mark.parametrize("states", ["", "disabled", "NOT_FOUND"])
def test_keys_that_are_not_stored_or_cannot_be_used_are_not_kept(states: str) -> None:
    assert with_kept_secrets(deployment(), the_keys(states)) == deployment()


@pytest.mark.usefixtures("steps_alone")
def test_up_looks_for_the_keys_to_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = replace(deployment(), kept_secrets=frozenset(["LINK_KEYS"]))
    project = FakeProject(all_steps(kept, SMTP_PASSWORD=SMTP_PASSWORD))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SMTP_PASSWORD}\n"))
    monkeypatch.setattr("deploy.up.before_up", lambda *_all: [])
    flags = {name.lower(): value for name, value in SMTP.items()} | {"dry_run": False, "check": False, "rebuild": False}

    def run(command: Command, payload: str | None = None) -> str:
        listed = "usher-link-keys" in command and "--format=value(state)" in command
        return "enabled" if listed else project.run(command, payload)

    place = {"config": tmp_path / "none", "project": PROJECT, "region": REGION, "public": True, "at_once": False}
    deploy_up(Namespace(**flags, **place), run=run)

    assert "Create the secret usher-link-keys" in project.made


def switched_on() -> Deployment:
    return replace(version(1), settings={**version(1).settings, "VERIFY_EMAIL": "true"})


def the_keys(states: str) -> Run:
    """A gcloud that knows versions of this one secret."""

    def run(command: Command, _payload: str | None = None) -> str:
        if "usher-link-keys" not in command or states == "NOT_FOUND":
            raise GcloudError(command, "NOT_FOUND")
        return states

    return run


def test_down_takes_the_keys_away_with_the_data_alone_whatever_is_set() -> None:
    everything = everything_of(Given(project=PROJECT, region=REGION), deployment().topology)

    (secret,) = [step for step in all_steps(everything) if step.sentence == "Create the secret usher-link-keys"]

    assert secret.undo
    assert secret.holds_data


def test_what_to_do_next_is_to_request_a_link() -> None:
    assert """\
Request a link, and open it in the mail:
  curl -i https://x.example/sign-ups -H 'Content-Type: application/json' \\
    -d '{"email":"ewan@example.com"}'
""" in next_steps(verifying(), "https://x.example")
