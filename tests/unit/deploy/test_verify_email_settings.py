"""The mailbox first: which settings `up` refuses, and which pages it warns of."""

from pathlib import Path

import pytest

from blueprint.topology import read_topology
from deploy.settings import Given, SettingsError, deployment_of
from tests.unit.deploy.fake_answers import OURS, FakeAnswers, found, service
from tests.unit.deploy.plans import PROJECT, REGION, SMTP, deployment
from tests.unit.deploy.printed import PLACE, printed


def refusal_of(settings: dict[str, str | float], *, public: bool = True) -> list[str]:
    """What is listed, or nothing."""
    given = Given(project=PROJECT, region=REGION, public=public, settings={**SMTP, **settings})
    try:
        deployment_of(given, read_topology(), complete=True)
    except SettingsError as refused:
        return [line.removeprefix("- ") for line in str(refused).splitlines()[1:]]
    return []


@pytest.mark.parametrize("written", ["true", '"true"'])
def test_flag_goes_before_the_file(written: str, tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text(
        f'public = true\n[settings]\nVERIFY_EMAIL = {written}\nSMTP_HOST = "h"\nMAIL_FROM = "a@b.example"\n'
    )

    words = [printed("plan", *PLACE, f"--config={file}", *flags) for flags in ((), ("--no-verify-email",))]

    assert ["|VERIFY_EMAIL=true|" in text for text in words] == [True, False]
    assert ["usher-link-keys" in text for text in words] == [True, False]


@pytest.mark.parametrize("name", ["CONCEAL_EXISTING_ACCOUNTS", "CONCEALED_ANSWER_SECONDS"])
@pytest.mark.parametrize("value", [True, False, "", 1])
def test_concealment_is_refused_in_one_sentence_that_names_what_took_its_place(name: str, value: str | float) -> None:
    assert refusal_of({name: value}) == [
        f"{name} is gone: remove it, and set VERIFY_EMAIL = true, which conceals existing accounts by nature"
    ]


@pytest.mark.parametrize("verb", ["status", "rollback", "down"])
def test_a_setting_of_an_earlier_version_stops_no_verb_that_does_not_deploy(verb: str, tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text("[settings]\nCONCEAL_EXISTING_ACCOUNTS = true\n")

    assert "gcloud" in printed(verb, *PLACE, f"--config={file}", "--dry-run")


def test_verify_email_is_true_or_false() -> None:
    assert refusal_of({"VERIFY_EMAIL": "yes"}) == ["VERIFY_EMAIL must be true or false"]
    assert refusal_of({"VERIFY_EMAIL": "true"}) == refusal_of({"VERIFY_EMAIL": False}) == []


def test_where_create_user_is_private_the_page_is_elsewhere() -> None:
    (missing,) = refusal_of({"VERIFY_EMAIL": True}, public=False)

    assert missing.startswith("SIGN_UP_URL is missing: with VERIFY_EMAIL, links in mails lead to a page, and without")
    assert refusal_of({"VERIFY_EMAIL": True, "SIGN_UP_URL": "https://example.com/sign-up"}, public=False) == []
    assert refusal_of({}, public=False) == []


def test_own_page_behind_a_load_balancer_alone_is_found(google: FakeAnswers) -> None:
    closed = {"run.googleapis.com/ingress": "internal-and-cloud-load-balancing"}
    google.state.services["elsewhere"] = service("create-user", "us-central1")
    google.state.services["elsewhere"]["metadata"]["annotations"] = closed
    google.state.services["create-user"] = service("create-user", **OURS)
    assert found(google, deployment(VERIFY_EMAIL="true")) == []

    google.state.services["create-user"]["metadata"]["annotations"] = closed

    (missing,) = found(google, deployment(VERIFY_EMAIL="true"))
    assert missing.startswith("SIGN_UP_URL is missing: links in mails would lead to create-user's own address, where")
    assert found(google, deployment()) == []


@pytest.mark.parametrize(("origins", "said"), [("", True), ("https://a.example https://example.com", False)])
def test_page_of_another_origin_that_may_not_call_is_said(origins: str, google: FakeAnswers, *, said: bool) -> None:
    notes = found(
        google, deployment(VERIFY_EMAIL="true", SIGN_UP_URL="https://example.com/sign-up", CORS_ORIGINS=origins)
    )

    assert [note.partition(", where")[0] for note in notes] == [
        "Note: CORS_ORIGINS does not name https://example.com"
    ] * said


def test_up_that_would_switch_it_off_because_it_was_forgotten_is_refused(google: FakeAnswers) -> None:
    container = {"env": [{"name": "VERIFY_EMAIL", "value": "true"}]}
    google.state.services["create-user"] = service("create-user", **OURS)
    assert found(google) == []

    google.state.services["create-user"]["spec"] = {"template": {"spec": {"containers": [container]}}}

    (forgotten,) = found(google)
    assert forgotten.startswith("VERIFY_EMAIL is missing, but create-user runs with it")
    assert found(google, deployment(VERIFY_EMAIL="false")) == found(google, deployment(VERIFY_EMAIL="true")) == []
