"""What stands in the way of `up` or `down`: found in seconds, all of it, before anything is changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx

from blueprint.gcloud import GcloudError, Run
from deploy.cloud import UnreadableError, connection
from deploy.deployment import Deployment
from deploy.preflight.finding import Finding
from deploy.preflight.local_gcloud import gcloud_faults
from deploy.preflight.names import elsewhere, left_behind, strangers
from deploy.preflight.page import page_findings
from deploy.preflight.project import missing_project, project_findings
from deploy.preflight.questions import FOR_DOWN, FOR_UP, NAMES, about, ask
from deploy.preflight.quota import quota_findings
from deploy.steps import inner_steps, outer_steps

_BLOCKED_PORT = "25"


def before_up(deployment: Deployment, run: Run, transport: httpx.BaseTransport | None = None) -> list[Finding]:
    """
    Ask gcloud and Google at the same time.

    Raises:
        GcloudMissingError, UnreadableError: There is no gcloud, or no network.
    """
    steps = [*inner_steps(deployment, {}), *outer_steps(deployment)]
    with ThreadPoolExecutor() as threads:
        local = threads.submit(lambda: [*map(Finding, gcloud_faults(deployment, steps, run))])
        found = list(_in_the_cloud(deployment, run, transport))
        return [*local.result(), *map(Finding, _port_faults(deployment)), *found]


def before_down(deployment: Deployment, run: Run, transport: httpx.BaseTransport | None = None) -> list[str]:
    """
    What `down` must not go on with: Usher in another region, and what is not Usher's.

    Raises:
        GcloudError, UnreadableError: It cannot be known.
    """
    with connection(deployment, run, transport) as client:
        answers = ask(client, deployment.project, FOR_DOWN)
    for name in NAMES:
        if refusal := answers[name].refusal or ", ".join(answers[name].silent):
            raise UnreadableError(f"Google did not say {about(name)}: {refusal}")
    return [*elsewhere(deployment, answers), *strangers(deployment, answers, taking_away=True)]


def _in_the_cloud(deployment: Deployment, run: Run, transport: httpx.BaseTransport | None) -> Iterator[Finding]:
    project = deployment.project
    try:
        with connection(deployment, run, transport) as client:
            answers = ask(client, project, FOR_UP)
            if answers["project"].code == httpx.codes.UNAUTHORIZED:
                yield Finding(f"{answers['project'].refusal}\nLog in: gcloud auth login")
                return
            missing = list(
                missing_project(deployment, answers["project"], lambda: ask(client, project, ("projects",))["projects"])
            )
    except GcloudError as error:
        yield Finding(str(error))
        return
    if missing:
        yield from map(Finding, missing)
        return
    yield from project_findings(deployment, answers)
    yield from quota_findings(deployment, answers["quotas"])
    yield from page_findings(deployment, answers)
    of_names = (elsewhere, strangers, left_behind)
    yield from (Finding(text) for faults in of_names for text in faults(deployment, answers))
    for name, answer in answers.items():
        if unanswered := answer.refusal or ", ".join(answer.silent):
            stops = name in NAMES and not answer.silent
            yield Finding(f"Google did not say {about(name)}: {unanswered}", stops=stops)


def _port_faults(deployment: Deployment) -> Iterator[str]:
    if deployment.settings.get("SMTP_PORT") == _BLOCKED_PORT:
        yield (
            "SMTP_PORT: Google Cloud blocks outgoing connections to port 25. Use the mail server's port 587,"
            " or 465 with SMTP_SECURITY=tls"
        )
