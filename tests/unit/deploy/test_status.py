"""`status` says what runs and what waits, and what keeps it from knowing."""

import json
from argparse import Namespace
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from blueprint.gcloud import Command
from deploy.cloud import UnreadableError
from deploy.status import LOSING, status
from tests.unit.deploy.fake_counts import EARLIER, LATER, FakeCounts
from tests.unit.deploy.plans import PROJECT, REGION, deployment

TOPICS = {"send-email": "user.created", "user.created.dead-letter": "user.created.dead-letter"}


@dataclass
class Gcloud:
    """
    A gcloud with services, whose newest revisions were tried out, and do not get their traffic.

    Those of audit have never started.
    """

    services: tuple[str, ...] = ("create-user",)
    topics: dict[str, str] = field(default_factory=lambda: dict(TOPICS))

    def run(self, command: Command, _payload: str | None = None) -> str:
        if "services" in command:
            return json.dumps([described(name) for name in self.services])
        if "subscriptions" in command:
            return "\n".join(f"{name},{topic}" for name, topic in self.topics.items())
        return "a-token"


def described(service: str) -> dict[str, Any]:
    if service == "audit":
        return {"metadata": {"name": service}, "status": {"url": "https://audit.example"}}
    return {
        "metadata": {"name": service},
        "status": {
            "url": f"https://{service}.example",
            "latestReadyRevisionName": f"{service}-00002",
            "traffic": [
                {"revisionName": f"{service}-00001", "percent": 100},
                {"revisionName": f"{service}-00001", "tag": "somebodys"},
                {"revisionName": f"{service}-00002", "tag": "canary"},
            ],
        },
    }


def shown(
    counts: FakeCounts,
    capsys: pytest.CaptureFixture[str],
    *,
    form: str = "text",
    gcloud: Gcloud | None = None,
    code: int = 0,
) -> str:
    arguments = Namespace(dry_run=False, format=form)
    run = (gcloud or Gcloud()).run
    assert status(arguments, deployment(), run=run, transport=counts.transport()) == code
    return capsys.readouterr().out


def test_text_names_revisions_and_all_that_waits(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(FakeCounts({"send-email": 7, "user.created.dead-letter": 0}, [LATER, EARLIER]), capsys)

    assert (
        text
        == f"""Services:
  create-user: 100 % create-user-00001 (https://create-user.example)
    The newest revision gets no traffic. To send it all traffic:
    gcloud run services update-traffic create-user --region={REGION} --to-latest --project={PROJECT}
Waiting:
  send-email: 7
  dead letters (user.created.dead-letter): 0
  outbox: 2, the oldest of 2026-11-24 10:00:00 UTC
"""
    )


def test_what_does_not_run_is_shown_without_advice(capsys: pytest.CaptureFixture[str]) -> None:
    """A revision that never started cannot take traffic; and a mistyped region shows."""
    never = shown(FakeCounts({}), capsys, gcloud=Gcloud(("audit",)))
    assert "  audit: no revision has started yet (https://audit.example)\nWaiting:" in never

    assert "Services: none in europe-west1\n" in shown(FakeCounts({}), capsys, gcloud=Gcloud(()))


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(FakeCounts({"send-email": 7}, [LATER, EARLIER]), capsys, form="json")

    data: dict[str, Any] = json.loads(text)
    assert data["waiting"] == {
        "subscriptions": {"send-email": 7, "user.created.dead-letter": None},
        "outbox": 2,
        "oldest_in_outbox": "2026-11-24T10:00:00.123456+00:00",
    }
    assert data["faults"] == []
    assert data["services"][0]["traffic"] == {"create-user-00001": 100}


def test_count_that_is_not_known_is_not_taken_for_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert "send-email: not yet known" in shown(FakeCounts({}), capsys)


DELETE = f"gcloud pubsub subscriptions delete send-email --project={PROJECT}"


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        ({"send-email": None}, ["The topic user.created has no subscription send-email", "Run up again"]),
        ({"user.created.dead-letter": None}, ["The topic user.created.dead-letter has no subscription"]),
        ({"send-email": "other"}, ["send-email is on the topic other, not on user.created", DELETE]),
        ({"send-email": "_deleted-topic_"}, ["send-email is on a topic that was deleted", DELETE]),
        ({"notify-admin": None}, ["The topic user.created has no subscription notify-admin"]),
        (dict.fromkeys(TOPICS), ["subscription send-email", "subscription user.created.dead-letter"]),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_subscription_that_gets_no_events_is_a_fault(
    topics: dict[str, str | None], said: list[str], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    held = {**TOPICS, "notify-admin": "user.created", **topics}
    gcloud = Gcloud(("create-user", "notify-admin"), {name: topic for name, topic in held.items() if topic})

    text = shown(FakeCounts({}), capsys, form=form, gcloud=gcloud, code=LOSING)

    faults = "\n".join(json.loads(text)["faults"]) if form == "json" else text.partition("Faults:\n")[2]
    assert [part for part in said if part not in faults] == []
    assert faults.count("lost to it") == len(topics)


@pytest.mark.parametrize(
    "gcloud",
    [
        Gcloud((), {}),
        Gcloud(("create-user",), {**TOPICS, "of-others": "_deleted-topic_"}),
        Gcloud(("create-user", "notify-admin"), {**TOPICS, "notify-admin": "user.created"}),
    ],
    ids=["nothing is deployed", "a subscription of others", "an optional function"],
)
def test_what_loses_no_event_is_left_alone(gcloud: Gcloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Faults" not in shown(FakeCounts({}), capsys, gcloud=gcloud)


def refusing(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, text="no permission")


def silent(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("no route")


@pytest.mark.parametrize(
    ("answer", "said"), [(refusing, r"rejected the request \(403\): no permission"), (silent, "did not respond")]
)
def test_question_without_an_answer_is_a_sentence(answer: Any, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        status(Namespace(dry_run=False), deployment(), run=Gcloud().run, transport=httpx.MockTransport(answer))


def test_project_without_a_database_has_an_empty_outbox(capsys: pytest.CaptureFixture[str]) -> None:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200 if "timeSeries" in request.url.path else 404, json={})
    )

    status(Namespace(dry_run=False, format="text"), deployment(), run=Gcloud().run, transport=transport)

    assert "outbox: 0\n" in capsys.readouterr().out
