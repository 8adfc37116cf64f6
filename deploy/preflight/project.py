"""The project itself: is it there, is it paid for, and does what it has suit Usher."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from shlex import join

from httpx import codes

from deploy.deployment import Deployment
from deploy.preflight.finding import Finding
from deploy.preflight.names import is_here
from deploy.preflight.questions import Answer
from deploy.preflight.regions import KNOWN
from deploy.step import NEW_API
from shared.contract.documents import USERS

# Firestore's multi-regions, and one of Cloud Run's inside: https://firebase.google.com/docs/firestore/locations
_INSIDE = {"eur3": "europe-west1", "nam5": "us-central1", "nam7": "us-central1"}


def missing_project(deployment: Deployment, answer: Answer, others: Callable[[], Answer]) -> Iterator[str]:
    """Without the project, no other answer means anything. `others` looks for those that there are."""
    project = deployment.project
    # Google does not tell a project that is not there from one that is not shown.
    if answer.code == codes.NOT_FOUND or (answer.code == codes.FORBIDDEN and not re.search(NEW_API, answer.refusal)):
        seen = [one["projectId"] for one in others().items]
        near = get_close_matches(project, seen, n=1)
        yield (
            f"--project: there is no project {project}, or this login may not see it."
            + (f" Did you mean {near[0]}?" if near else f" It sees: {', '.join(sorted(seen)[:9]) or 'none'}")
        )
    elif answer.items and answer.items[0].get("lifecycleState", "ACTIVE") != "ACTIVE":
        yield f"The project {project} is being deleted. To keep it: gcloud projects undelete {project}"


def project_findings(deployment: Deployment, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    project = deployment.project
    for billing in answers["billing"].items:
        if not billing.get("billingEnabled"):
            yield Finding(
                f"Billing is off in {project}. Link a billing account:"
                f" https://console.cloud.google.com/billing/linkedaccount?project={project}"
            )
    yield from map(Finding, _region_faults(deployment, answers["regions"]))
    yield from _database_findings(deployment, answers["databases"], running=is_here(deployment, answers))
    if answers["firebase"].items:
        yield Finding(
            f"Firebase is on in {project}: its security rules decide who can read `{USERS}`. Check them:"
            f" https://console.firebase.google.com/project/{project}/firestore/rules",
            stops=False,
        )


def _region_faults(deployment: Deployment, regions: Answer) -> Iterator[str]:
    known = [region["locationId"] for region in regions.items]
    if deployment.region not in (known or KNOWN):
        near = get_close_matches(deployment.region, known or KNOWN, n=1)
        enable = join(deployment.gcloud("services enable run.googleapis.com"))
        yield (
            f"--region: Cloud Run has no region {deployment.region}."
            + (f" Did you mean {near[0]}?" if near else "")
            + ("" if known else f" Usher learns of newer regions after: {enable}")
        )


def _database_findings(deployment: Deployment, databases: Answer, *, running: bool) -> Iterator[Finding]:
    """Where Usher is `running` already, a database far away is known to do."""
    project, region = deployment.project, deployment.region
    for database in databases.items:
        if database["name"].rpartition("/")[2] != "(default)":
            continue
        place = database["locationId"]
        if database["type"] != "FIRESTORE_NATIVE":
            change = "firestore databases update --database='(default)' --type=firestore-native"
            yield Finding(
                f"The (default) database of {project} is in Datastore mode, and Usher needs native mode."
                f" While it is empty, it can be changed; else use another project:\n  {join(deployment.gcloud(change))}"
            )
        near = _INSIDE.get(place, place)
        if near != region and not (place in _INSIDE and _continent(near) == _continent(region)):
            yield Finding(
                f"The (default) database of {project} is in {place} and cannot be moved, and each sign-up in {region}"
                f" would wait for it. Use --region {near}, or another project.",
                stops=not running,
            )


def _continent(region: str) -> str:
    return region.partition("-")[0]
