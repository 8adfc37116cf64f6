"""What is asked of Google before anything changes: each question once, all at the same time, none that changes it."""

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from deploy.cloud import UnreadableError
from deploy.step import NEW_API

_AT_ONCE = 16


@dataclass(frozen=True)
class Question:
    """
    A GET. `about` ends the sentence "Google did not say …" where there is no answer.

    Attributes:
        items: The list in the answer; none where the answer is a single thing.
        page_by: The parameter that asks for the next page.
        at_home: Asked on the project's account, so that an API which is not enabled there means that nothing is there.
    """

    about: str
    url: str
    items: str = ""
    page_by: str = "pageToken"
    at_home: bool = True


@dataclass(frozen=True)
class Answer:
    """
    What there is; nothing where the API is not enabled yet.

    Attributes:
        items: Of a list, all pages together; else the single thing, or none.
        refusal: Why there is no answer.
        code: The HTTP status of the last page.
        silent: Regions that did not answer in time.
    """

    items: list[Any] = field(default_factory=list)
    refusal: str = ""
    code: int = 200
    silent: tuple[str, ...] = ()


_IN_PROJECT = "googleapis.com/v1/projects/{project}"
QUESTIONS = {
    "project": Question("whether the project exists", f"https://cloudresourcemanager.{_IN_PROJECT}", at_home=False),
    "projects": Question(
        "which projects there are",
        "https://cloudresourcemanager.googleapis.com/v1/projects?filter=lifecycleState:ACTIVE",
        "projects",
        at_home=False,
    ),
    "billing": Question("whether billing is on", f"https://cloudbilling.{_IN_PROJECT}/billingInfo", at_home=False),
    "regions": Question("which regions Cloud Run has", f"https://run.{_IN_PROJECT}/locations", "locations"),
    "services": Question(
        "which Cloud Run services there are",
        f"https://run.{_IN_PROJECT}/locations/-/services",
        "items",
        page_by="continue",
    ),
    "schedules": Question(
        "which regions Cloud Scheduler has", f"https://cloudscheduler.{_IN_PROJECT}/locations", "locations"
    ),
    "topics": Question("which topics there are", f"https://pubsub.{_IN_PROJECT}/topics", "topics"),
    "subscriptions": Question(
        "which subscriptions there are", f"https://pubsub.{_IN_PROJECT}/subscriptions", "subscriptions"
    ),
    "schemas": Question("which schemas there are", f"https://pubsub.{_IN_PROJECT}/schemas?view=FULL", "schemas"),
    "databases": Question("which databases there are", f"https://firestore.{_IN_PROJECT}/databases", "databases"),
    "firebase": Question(
        "whether Firebase is on", "https://firebase.googleapis.com/v1beta1/projects/{project}"
    ),
    "quotas": Question(
        "what the quota of Cloud Run is",
        "https://serviceusage.googleapis.com/v1beta1/projects/{project}/services/run.googleapis.com/consumerQuotaMetrics",
        "metrics",
    ),
}  # fmt: skip
# What others may have by Usher's names, and where else Usher may be: not to know is not to go on.
NAMES = ("services", "topics", "subscriptions", "jobs")
FOR_DOWN = ("services", "schedules", "topics", "subscriptions", "schemas")
FOR_UP = tuple(name for name in QUESTIONS if name != "projects")


def ask(client: httpx.Client, project: str, names: Iterable[str]) -> dict[str, Answer]:
    """
    Answers by the names of the questions, and Cloud Scheduler's `jobs` of all its regions where these are asked for.

    Raises:
        UnreadableError: Google could not be reached.
    """
    asked = {name: QUESTIONS[name] for name in names}
    answers = _ask_all(client, project, asked)
    if "schedules" in answers:
        answers["jobs"] = _jobs(client, project, answers["schedules"])
    return answers


def about(name: str) -> str:
    """What an answer of this name says."""
    return QUESTIONS[name].about if name in QUESTIONS else "which jobs Cloud Scheduler has"


def _jobs(client: httpx.Client, project: str, regions: Answer) -> Answer:
    """Cloud Scheduler lists the jobs of one region at a time."""
    asked = {
        region["locationId"]: Question(
            f"which jobs there are in {region['locationId']}",
            f"https://cloudscheduler.{_IN_PROJECT}/locations/{region['locationId']}/jobs",
            "jobs",
        )
        for region in regions.items
    }
    answers = _ask_all(client, project, asked).values()
    refusal = regions.refusal or next((answer.refusal for answer in answers if answer.refusal), "")
    return Answer([job for answer in answers for job in answer.items], refusal)


def _ask_all(client: httpx.Client, project: str, asked: Mapping[str, Question]) -> dict[str, Answer]:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return dict(zip(asked, threads.map(partial(_ask, client, project), asked.values()), strict=True))


def _ask(client: httpx.Client, project: str, question: Question) -> Answer:
    items: list[Any] = []
    silent: set[str] = set()
    url = httpx.URL(question.url.replace("{project}", project))
    while True:
        request = client.build_request("GET", url)
        if not question.at_home:
            del request.headers["x-goog-user-project"]
        try:
            response = client.send(request)
        except httpx.TransportError as error:
            raise UnreadableError(f"{url.host} did not respond: {error}") from error
        if response.status_code == httpx.codes.NOT_FOUND or (question.at_home and re.search(NEW_API, response.text)):
            return Answer(code=response.status_code)
        if not response.is_success:
            return Answer(refusal=_refusal(response), code=response.status_code)
        page = response.json()
        if not question.items:
            return Answer([page])
        items += page.get(question.items, [])
        silent.update(page.get("unreachable", []))
        token = page.get("nextPageToken") or page.get("metadata", {}).get("continue")
        if not token:
            return Answer(items, silent=tuple(sorted(silent)))
        url = url.copy_set_param(question.page_by, token)


def _refusal(response: httpx.Response) -> str:
    try:
        said = response.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):  # a proxy answers with a page
        said = response.reason_phrase
    return f"{response.url.host} said {response.status_code}: {said}"
