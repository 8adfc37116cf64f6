"""The project itself: APIs, service accounts and their roles in the project."""

from collections.abc import Iterator

from deploy.deployment import Deployment, service
from deploy.step import Step
from deploy.steps.grants import grant

_APIS = "run cloudbuild artifactregistry firestore pubsub secretmanager cloudscheduler iam monitoring logging"


def project_steps(deployment: Deployment) -> Iterator[Step]:
    gcloud, project = deployment.gcloud, deployment.project
    yield Step(
        "Enable the APIs",
        gcloud("services enable " + " ".join(f"{api}.googleapis.com" for api in _APIS.split())),
    )
    yield Step(
        "Look up the project's number",
        gcloud(f"projects describe {project} --format='value(projectNumber)'"),
        fills="PROJECT_NUMBER",
    )
    yield Step(
        "Make sure that Pub/Sub has an account of its own in the project",
        gcloud("beta services identity create --service=pubsub.googleapis.com"),
    )
    for purpose, sentence in _accounts(deployment).items():
        account = deployment.account(purpose)
        yield Step(
            f"Create the account {sentence}",
            gcloud(f"iam service-accounts create usher-{purpose}", f"--display-name=Usher: the account {sentence}"),
            check=gcloud("iam service-accounts list --format='value(email)'"),
            there=account,
            undo=gcloud(f"iam service-accounts delete {account}"),
        )
    yield _project_role(deployment, "build", "roles/run.builder")
    for name, function in deployment.functions().items():
        for role in function.project_roles:
            yield _project_role(deployment, service(name), role)


def _accounts(deployment: Deployment) -> dict[str, str]:
    functions = {service(name): f"that {service(name)} runs as" for name in deployment.functions()}
    return {"build": "that builds the functions", "invoker": "that Pub/Sub and Cloud Scheduler call as", **functions}


def _project_role(deployment: Deployment, purpose: str, role: str) -> Step:
    return grant(
        deployment,
        "projects",
        deployment.project,
        role=role,
        member=f"serviceAccount:{deployment.account(purpose)}",
        more="--condition=None",
        outlives=True,
    )
