"""`status` says what runs and what waits, and what keeps it from knowing."""

import json
from argparse import Namespace
from typing import Any

import httpx
import pytest

from blueprint.gcloud import Command
from deploy.cloud import UnreadableError
from deploy.status import status
from tests.unit.deploy.fake_counts import EARLIER, LATER, FakeCounts
from tests.unit.deploy.plans import PROJECT, REGION, deployment

NAMES = ["send-email", "user.created.dead-letter"]


def run(command: Command, _payload: str | None) -> str:
    """A gcloud with one service, whose newest revision was tried out, and does not get its traffic."""
    if "services" in command:
        return json.dumps([
            {
                "metadata": {"name": "create-user"},
                "status": {
                    "url": "https://create-user.example",
                    "latestReadyRevisionName": "create-user-00002",
                    "traffic": [
                        {"revisionName": "create-user-00001", "percent": 100},
                        {"revisionName": "create-user-00001", "tag": "somebodys"},
                        {"revisionName": "create-user-00002", "tag": "canary"},
                    ],
                },
            }
        ])  # fmt: skip
    return "\n".join(NAMES) if "subscriptions" in command else "a-token"


def shown(counts: FakeCounts, capsys: pytest.CaptureFixture[str], *, form: str = "text") -> str:
    arguments = Namespace(dry_run=False, format=form)
    assert status(arguments, deployment(), run=run, transport=counts.transport()) == 0
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


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(FakeCounts({"send-email": 7}, [LATER, EARLIER]), capsys, form="json")

    data: dict[str, Any] = json.loads(text)
    assert data["waiting"] == {
        "subscriptions": {"send-email": 7, "user.created.dead-letter": None},
        "outbox": 2,
        "oldest_in_outbox": "2026-11-24T10:00:00.123456+00:00",
    }
    assert data["services"][0]["traffic"] == {"create-user-00001": 100}


def test_count_that_is_not_known_is_not_taken_for_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert "send-email: not yet known" in shown(FakeCounts({}), capsys)


def refusing(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, text="no permission")


def silent(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectTimeout("no route")


@pytest.mark.parametrize(
    ("answer", "said"), [(refusing, r"rejected the request \(403\): no permission"), (silent, "did not respond")]
)
def test_question_without_an_answer_is_a_sentence(answer: Any, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        status(Namespace(dry_run=False), deployment(), run=run, transport=httpx.MockTransport(answer))


def test_project_without_a_database_has_an_empty_outbox(capsys: pytest.CaptureFixture[str]) -> None:
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200 if "timeSeries" in request.url.path else 404, json={})
    )

    status(Namespace(dry_run=False, format="text"), deployment(), run=run, transport=transport)

    assert "outbox: 0\n" in capsys.readouterr().out
