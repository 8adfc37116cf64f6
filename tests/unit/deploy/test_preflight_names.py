"""What others have by Usher's names, and Usher elsewhere: never adopted, and the command that shows it is printed."""

from collections.abc import Callable

import httpx
import pytest

from deploy.preflight import before_up
from deploy.preflight.questions import QUESTIONS
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_answers import AT, OURS, FakeAnswers, found, gcloud, job, service, subscription, topic
from tests.unit.deploy.plans import PROJECT, REGION, SMS, deployment


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (
            lambda state: state.services.update(a=service("create-user", app="shop")),
            ("The service create-user is not Usher's: it has no label app=usher. Look at it, then delete it or use"
            f" another project:\n  gcloud run services describe create-user --region={REGION} {AT}\n"
            "If it is Usher's, say so:\n"
            f"  gcloud run services update create-user --region={REGION} --update-labels=app=usher {AT}"),
        ),
        (
            lambda state: state.topics.update(a=topic("user.created")),
            ("The topic user.created is not Usher's: it has no label app=usher. Look at it, then delete it or use"
            f" another project:\n  gcloud pubsub topics describe user.created {AT}\n"
            f"If it is Usher's, say so:\n  gcloud pubsub topics update user.created --update-labels=app=usher {AT}"),
        ),
        (
            lambda state: state.subscriptions.update(a=subscription("send-email", on="orders", **OURS)),
            ("The subscription send-email is on the topic orders, not on user.created, and cannot be moved. Look at it,"
            f" then delete it or use another project:\n  gcloud pubsub subscriptions describe send-email {AT}"),
        ),
        (
            lambda state: state.subscriptions.update(a=subscription("send-email", on="_deleted-topic_", **OURS)),
            ("The subscription send-email is on the topic _deleted-topic_, not on user.created, and cannot be moved."
            " Look at it, then delete it or use another project:\n"
            f"  gcloud pubsub subscriptions describe send-email {AT}"),
        ),
        (
            lambda state: state.jobs.update(a=job("audit", account="night@demo-project.iam.gserviceaccount.com")),
            ("The job audit is not Usher's: it does not call as usher-invoker. Look at it, then delete it or use"
            f" another project:\n  gcloud scheduler jobs describe audit --location={REGION} {AT}"),
        ),
        (
            lambda state: state.schemas.update({
                "user.created": [{"name": f"projects/{PROJECT}/schemas/user.created", "definition": "syntax = ..."}]
            }),
            ("The schema user.created is not Usher's: it does not begin with // The event `user.created`. Look at it,"
            f" then delete it or use another project:\n  gcloud pubsub schemas describe user.created {AT}"),
        ),
        (
            lambda state: state.services.update(a=service("send-email", "us-central1", **OURS)),
            (f"Usher is in us-central1 (service send-email), not in {REGION}, and a project holds one. Use --region"
            " us-central1; to move it, run `down` there first: users and secrets are kept."),
        ),
        (
            lambda state: state.services.update(
                a=service("create-user", **OURS), b=service("create-user", "us-central1", **OURS)
            )
            or state.jobs.update(b=job("audit", "us-central1")),
            ("Usher is in us-central1 (service create-user, job audit) as well as here, and a project holds one. Delete"
            f" it there first:\n  gcloud run services delete create-user --region=us-central1 {AT}\n"
            f"  gcloud scheduler jobs delete audit --location=us-central1 {AT}"),
        ),
    ],
    ids=["service", "topic", "other topic", "deleted topic", "job", "schema", "only elsewhere", "elsewhere, too"],
)  # fmt: skip
def test_what_is_not_ushers_or_is_elsewhere_is_never_adopted(
    google: FakeAnswers, plant: Callable[[State], None], said: str
) -> None:
    plant(google.state)

    assert found(google) == [said]


def test_names_of_others_where_usher_has_none_are_left_alone(google: FakeAnswers) -> None:
    google.state.services |= {
        "a": service("create-user", "us-central1"),
        "b": service("notify-admin"),
        "c": service("shop"),
    }
    google.state.jobs["a"] = job("audit", "us-central1", account="night@demo-project.iam.gserviceaccount.com")
    google.state.subscriptions["a"] = subscription("notify-admin", on="orders")

    assert found(google) == []


def test_function_that_was_switched_off_and_still_receives_events_is_found_before_anything_changes(
    google: FakeAnswers,
) -> None:
    google.state.subscriptions["a"] = subscription("notify-admin", on="user.created", **OURS)

    (fault,) = found(google)

    assert fault.startswith(
        "notify-admin receives events here, but SMS_ACCOUNT_SID, SMS_FROM, SMS_TO are no longer set."
    )
    assert f"gcloud pubsub subscriptions delete notify-admin {AT}" in fault
    assert found(google, deployment(**SMS)) == []


@pytest.mark.parametrize("page", ["nextPageToken", "continue"])
def test_name_on_the_second_page_is_found(google: FakeAnswers, page: str) -> None:
    first = httpx.Response(
        200, json={"metadata": {"continue": "2"}, "items": []} if page == "continue" else {"nextPageToken": "2"}
    )
    kind = "services" if page == "continue" else "topics"
    google.state.services["a"], google.state.topics["a"] = service("create-user"), topic("user.created")
    if page == "continue":
        google.state.topics.clear()
    else:
        google.state.services.clear()
    answering = google.transport()

    def paged(request: httpx.Request) -> httpx.Response:
        is_first = request.url.path.endswith(f"/{kind}") and QUESTIONS[kind].page_by not in request.url.params
        return first if is_first else answering.handle_request(request)

    (fault,) = before_up(deployment(), gcloud, httpx.MockTransport(paged))
    assert fault.text.startswith(f"The {kind[:-1]} ")


def test_region_that_does_not_answer_is_said(google: FakeAnswers) -> None:
    google.refused["run.googleapis.com"] = httpx.Response(200, json={"items": [], "unreachable": ["us-east1"]})

    assert found(google)[-1] == "Note: Google did not say which Cloud Run services there are: us-east1"


def test_names_that_are_not_told_stop_up_and_other_answers_that_are_missing_are_said(google: FakeAnswers) -> None:
    denied = httpx.Response(403, json={"error": {"message": "Permission 'x' denied"}})
    google.refused |= {"pubsub.googleapis.com": denied, "cloudbilling.googleapis.com": denied}

    assert found(google) == [
        "Note: Google did not say whether billing is on: cloudbilling.googleapis.com said 403: Permission 'x' denied",
        *(
            f"Google did not say which {names} there are: pubsub.googleapis.com said 403: Permission 'x' denied"
            for names in ("topics", "subscriptions")
        ),
        "Note: Google did not say which schemas there are: pubsub.googleapis.com said 403: Permission 'x' denied",
    ]
