"""What `up` finds in its way: each with the text that its user reads, all at once, before anything changes."""

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from blueprint.gcloud import Command, GcloudError
from deploy.cloud import UnreadableError
from deploy.deployment import Deployment
from deploy.preflight import before_up
from deploy.settings import SettingsError
from deploy.up import up
from tests.deploy.fake_google.routing import FIREBASE, TO_BE_ENABLED
from tests.deploy.fake_google.state import State
from tests.gcloud_messages import SAID
from tests.unit.deploy.fake_answers import FakeAnswers, found, gcloud, make_usher, topic
from tests.unit.deploy.plans import PROJECT, REGION, SMS, SMTP, deployment

AT = f"--project={PROJECT}"
CONSOLE = "https://console.cloud.google.com"


def in_region(region: str) -> Deployment:
    return replace(deployment(), region=region)


def test_nothing_stands_in_the_way_in_a_bare_project_and_no_api_is_enabled_for_it() -> None:
    google = FakeAnswers()

    assert found(google) == []
    assert {call.partition(" ")[0] for call in google.asked} == {"GET"}
    assert google.state == State(PROJECT)


def test_nothing_stands_in_the_way_of_what_up_has_made(google: FakeAnswers) -> None:
    make_usher(google.state)

    assert found(google, deployment(**SMS)) == []


def test_login_that_gcloud_lacks_or_google_refuses_is_found_beside_what_is_wrong_here(google: FakeAnswers) -> None:
    def without_login(command: Command, _payload: str | None = None) -> str:
        if "print-access-token" in command:
            raise GcloudError(command, SAID["no login"].text)
        return gcloud(command)

    port, no_login = found(google, deployment(SMTP_PORT="25"), without_login)
    assert port.startswith("SMTP_PORT: ")
    assert no_login.endswith("Log in: gcloud auth login")

    expired = httpx.Response(401, json={"error": {"message": "Request had invalid authentication credentials."}})
    google.refused["cloudresourcemanager.googleapis.com"] = expired
    assert found(google) == [
        (
            "cloudresourcemanager.googleapis.com said 401: Request had invalid authentication credentials.\n"
            "Log in: gcloud auth login"
        )
    ]


@pytest.mark.parametrize(
    ("mistyped", "said"),
    [("demo-projct", "Did you mean demo-project?"), ("something-else", "It sees: demo-project")],
)
def test_mistyped_project_is_told_as_such_and_hides_what_follows_from_it(mistyped: str, said: str) -> None:
    google = FakeAnswers()

    assert found(google, replace(deployment(), project=mistyped)) == [
        f"--project: there is no project {mistyped}, or this login may not see it. {said}"
    ]


def test_project_and_billing_of_which_the_login_may_not_ask_are_said_and_not_missed(google: FakeAnswers) -> None:
    """A service account's own project may lack these APIs: that says nothing about the project that is deployed to."""
    off = httpx.Response(403, json={"error": {"message": SAID["an API just enabled"].text}})
    google.refused |= {"cloudresourcemanager.googleapis.com": off, "cloudbilling.googleapis.com": off}

    assert [line.partition(": cloud")[0] for line in found(google)] == [
        "Note: Google did not say whether the project exists",
        "Note: Google did not say whether billing is on",
    ]


def test_project_that_is_being_deleted_is_found(google: FakeAnswers) -> None:
    deleted = httpx.Response(200, json={"projectId": PROJECT, "lifecycleState": "DELETE_REQUESTED"})
    google.refused["cloudresourcemanager.googleapis.com"] = deleted

    assert found(google) == [f"The project {PROJECT} is being deleted. To keep it: gcloud projects undelete {PROJECT}"]


def test_billing_that_is_off_is_found(google: FakeAnswers) -> None:
    google.state.billing = False

    assert found(google) == [
        f"Billing is off in {PROJECT}. Link a billing account: {CONSOLE}/billing/linkedaccount?project={PROJECT}"
    ]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (
            {"Google Cloud SDK": "505.0.0", "alpha": "1", "beta": "1"},
            ["gcloud 505.0.0 is too old: --base-image needs 511, --build-service-account needs 511, --function needs"],
        ),
        (
            {"Google Cloud SDK": "528.0.0", "alpha": "1"},
            ["gcloud has no beta component. Install it: gcloud components"],
        ),
        ({"Google Cloud SDK": "511.0.0", "alpha": "1", "beta": "1"}, []),
    ],
    ids=["too old", "no beta", "old enough"],
)
def test_gcloud_has_to_know_every_flag_and_group_that_is_used(
    google: FakeAnswers, version: dict[str, str], said: list[str]
) -> None:
    faults = found(google, run=lambda command, _: json.dumps(version) if "version" in command else "a-token")

    assert [fault[: len(text)] for fault, text in zip(faults, said, strict=True)] == said


@pytest.mark.parametrize("apis", [set[str](), TO_BE_ENABLED], ids=["from the table", "from Cloud Run"])
def test_region_that_cloud_run_does_not_have_is_found(apis: set[str]) -> None:
    faults = found(FakeAnswers(State(PROJECT, apis=set(apis))), in_region("europe-wst1"))

    (fault,) = faults
    assert fault.startswith("--region: Cloud Run has no region europe-wst1. Did you mean europe-west1?")
    assert ("gcloud services enable run.googleapis.com" in fault) == (apis == set())


@pytest.mark.parametrize(
    ("database", "region", "said"),
    [
        ({"type": "FIRESTORE_NATIVE", "locationId": REGION}, REGION, ""),
        ({"type": "FIRESTORE_NATIVE", "locationId": "eur3"}, REGION, ""),
        (
            {"type": "DATASTORE_MODE", "locationId": REGION},
            REGION,
            (
                f"The (default) database of {PROJECT} is in Datastore mode, and Usher needs native mode. While it is"
                " empty, it can be changed; else use another project:\n"
                f"  gcloud firestore databases update '--database=(default)' --type=firestore-native {AT}"
            ),
        ),
        (
            {"type": "FIRESTORE_NATIVE", "locationId": "us-central1"},
            REGION,
            (
                f"The (default) database of {PROJECT} is in us-central1 and cannot be moved, and each sign-up in"
                f" {REGION} would wait for it. Use --region us-central1, or another project."
            ),
        ),
        (
            {"type": "FIRESTORE_NATIVE", "locationId": "eur3"},
            "us-central1",
            (
                f"The (default) database of {PROJECT} is in eur3 and cannot be moved, and each sign-up in us-central1"
                " would wait for it. Use --region europe-west1, or another project."
            ),
        ),
    ],
)
def test_default_database_has_to_be_native_and_near(
    google: FakeAnswers, database: dict[str, str], region: str, said: str
) -> None:
    named = f"projects/{PROJECT}/databases/"
    google.state.databases["(default)"] = {"name": f"{named}(default)", **database}
    google.state.databases["another"] = {
        "name": f"{named}another",
        "type": "DATASTORE_MODE",
        "locationId": "asia-east1",
    }

    assert found(google, in_region(region)) == ([said] if said else [])


def test_database_far_away_stops_no_usher_that_runs_already(google: FakeAnswers) -> None:
    make_usher(google.state)
    google.state.databases["(default)"] |= {"locationId": "us-central1"}

    (said,) = found(google, deployment(**SMS))

    assert said.startswith("Note: The (default) database")


def test_firebase_is_said_and_stops_nothing(google: FakeAnswers) -> None:
    google.state.apis.add(FIREBASE)

    assert found(google) == [
        (
            f"Note: Firebase is on in {PROJECT}: its security rules decide who can read `users`. Check them:"
            f" https://console.firebase.google.com/project/{PROJECT}/firestore/rules"
        )
    ]


def test_port_25_is_found(google: FakeAnswers) -> None:
    assert found(google, deployment(SMTP_PORT="25")) == [
        (
            "SMTP_PORT: Google Cloud blocks outgoing connections to port 25. Use the mail server's port 587,"
            " or 465 with SMTP_SECURITY=tls"
        )
    ]


def test_network_that_is_down_is_a_sentence() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("no route", request=request)

    with pytest.raises(UnreadableError, match=r"googleapis\.com did not respond: no route"):
        before_up(deployment(), gcloud, httpx.MockTransport(silent))


def test_all_findings_and_complaints_come_at_once_and_before_the_password(
    google: FakeAnswers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.up.rehearse", lambda _deployment: ["send_email does not start"])
    monkeypatch.setattr("sys.stdin", None)  # asked for, a password would fail
    google.state.billing = False
    google.state.topics["user.created"] = topic("user.created")
    google.state.apis.add(FIREBASE)

    with pytest.raises(SettingsError) as refused:
        up(arguments(tmp_path), run=gcloud, transport=google.transport())

    head, billing, name, *_, complaint = str(refused.value).splitlines()
    assert head == "Nothing was run. Fix these first:"
    assert billing.startswith("- Billing is off")
    assert name.startswith("- The topic user.created is not Usher's")
    assert complaint == "send_email does not start"
    assert capsys.readouterr().out.startswith("Note: Firebase is on")


def test_check_alone_says_that_nothing_stands_in_the_way_and_asks_for_no_password(
    google: FakeAnswers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("deploy.up.rehearse", lambda _deployment: [])
    monkeypatch.setattr("sys.stdin", None)

    assert up(arguments(tmp_path, check=True), run=gcloud, transport=google.transport()) == 0
    assert capsys.readouterr().out == "Nothing stands in the way of `up`.\n"


def arguments(folder: Path, *, check: bool = False) -> Namespace:
    settings = {name.lower(): value for name, value in SMTP.items()}
    return Namespace(dry_run=False, check=check, config=folder / "none", project=PROJECT, region=REGION, **settings)
