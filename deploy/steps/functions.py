"""Cloud Run: each function as a service, and who may call it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from blueprint.gcloud import Command
from blueprint.topology import Function
from deploy.deployment import LABEL, Deployment, secret_id, service, url, url_variable
from deploy.step import CONFLICT, MAY_NOT_EXIST, NEW_ACCOUNT, NEW_API, NEW_CALLER, NEW_GRANT, Step
from deploy.steps.events import giving_up_step, subscription_step
from deploy.steps.grants import grant
from deploy.steps.revisions import shift_steps, unless_unchanged

BASE_IMAGE = "python313"
# Pub/Sub's pushes and Cloud Scheduler's calls to a run.app address are internal to their project.
_CLOSED = ("--no-allow-unauthenticated", "--invoker-iam-check", "--ingress=internal")
_OPEN = 'metadata.annotations."run.googleapis.com/invoker-iam-disabled"=true'
# Neither makes a revision, so a service that somebody has opened by hand still has the same one.
_STILL_CLOSED = f' AND metadata.annotations."run.googleapis.com/ingress"=internal AND NOT {_OPEN}'
_HOUR = 60  # minutes


def subscriber_steps(deployment: Deployment, name: str, function: Function) -> Iterator[Step]:
    """A function that Pub/Sub pushes to, together with its subscription."""
    yield from private_steps(deployment, name, function)
    yield subscription_step(deployment, name, function)
    yield giving_up_step(deployment, function)


def scheduled_steps(deployment: Deployment, name: str, function: Function) -> Iterator[Step]:
    """A function that Cloud Scheduler calls."""
    yield from private_steps(deployment, name, function)
    job, minutes = service(name), (function.every_seconds or 60) // 60
    schedule = f"*/{minutes} * * * *" if minutes < _HOUR else "0 * * * *"
    scheduled = (
        f"{job} --location={deployment.region} --schedule='{schedule}'"
        f" --uri={url(name)}/ --http-method=post --attempt-deadline={function.timeout_seconds}s"
        f" --oidc-service-account-email={deployment.account('invoker')} --oidc-token-audience={url(name)}"
    )
    yield Step(
        f"Call {job} every {function.every_seconds} s",
        deployment.gcloud(f"scheduler jobs create http {scheduled}"),
        check=deployment.gcloud(
            f"scheduler jobs list --location={deployment.region} --format='value(name.basename())'"
        ),
        there=job,
        update=deployment.gcloud(f"scheduler jobs update http {scheduled}"),
        retried=f"{NEW_API}|{CONFLICT}|{NEW_ACCOUNT}|{NEW_CALLER}|{MAY_NOT_EXIST}",
        undo=deployment.gcloud(f"scheduler jobs delete {job} --location={deployment.region}"),
    )


def entrance_steps(
    deployment: Deployment, name: str, function: Function, *, try_out: Step | None = None
) -> Iterator[Step]:
    """
    The function that sign-ups reach: open to everyone if the deployment is public.

    It is opened by a step of its own: an organization that forbids this refuses no deployment, so there is an address.
    Its ingress is left as it is: docs/limit-clients.md. With `try_out`, a new revision gets traffic only after that. A
    new service cannot do without traffic.
    """
    deploying = _deploy_step(deployment, name, function)
    yield replace(deploying, command=(*deploying.command, "--no-traffic")) if try_out else deploying
    own = f"{service(name)} --region={deployment.region}"
    who, no, is_not = ("everyone", "no-", "") if deployment.public else ("nobody without the role", "", "NOT ")
    yield Step(
        f"Let {who} call {service(name)}",
        deployment.gcloud(f"run services update {own} --{no}invoker-iam-check --format=none"),
        check=deployment.gcloud(
            f"run services list --region={deployment.region} --format='value(metadata.name)'",
            f"--filter=metadata.name={service(name)} AND {is_not}{_OPEN}",
        ),
        there=service(name),
    )
    # Earlier versions of Usher let everyone in by it. It goes only once the service is open without it.
    binding = f"{own} --member=allUsers --role=roles/run.invoker --format=none"
    yield Step(
        f"Remove the binding of allUsers from {service(name)}, if there is one",
        check=deployment.gcloud(
            f"run services get-iam-policy {own} --flatten='bindings[].members'"
            " --filter=bindings.role=roles/run.invoker --format='value(bindings.members)'"
        ),
        there="allUsers",
        update=deployment.gcloud(f"run services remove-iam-policy-binding {binding}"),
    )
    yield from shift_steps(deployment, name, try_out)


def private_steps(deployment: Deployment, name: str, function: Function) -> Iterator[Step]:
    """A function that only Google's own services call, with the invoker's login and from within the project."""
    yield _deploy_step(deployment, name, function, access=_CLOSED)
    yield grant(
        deployment,
        "run services",
        service(name),
        role="roles/run.invoker",
        member=f"serviceAccount:{deployment.account('invoker')}",
        more=f"--region={deployment.region}",
    )


def secret_grant_steps(deployment: Deployment) -> Iterator[Step]:
    for name, function in deployment.functions().items():
        member = f"serviceAccount:{deployment.account(service(name))}"
        for secret in deployment.secrets(function):
            yield grant(
                deployment,
                "secrets",
                secret_id(secret),
                role="roles/secretmanager.secretAccessor",
                member=member,
                outlives=True,
            )


def _deploy_step(deployment: Deployment, name: str, function: Function, *, access: Iterable[str] = ()) -> Step:
    deploying = Step(
        f"Build and deploy {service(name)} (takes minutes)",
        _deploy_command(deployment, name, function, access=access),
        fills=url_variable(name),
        retried=f"{NEW_API}|{CONFLICT}|{NEW_ACCOUNT}|{NEW_GRANT}|{MAY_NOT_EXIST}",
        undo=deployment.gcloud(f"run services delete {service(name)} --region={deployment.region}"),
    )
    return unless_unchanged(deployment, name, deploying, still=_STILL_CLOSED if access else "")


def _deploy_command(deployment: Deployment, name: str, function: Function, *, access: Iterable[str]) -> Command:
    builder = f"projects/{deployment.project}/serviceAccounts/{deployment.account('build')}"
    settings = "|".join(f"{setting}={value}" for setting, value in deployment.environment(function).items())
    secrets = ",".join(f"{secret}={secret_id(secret)}:${{{secret}_VERSION}}" for secret in deployment.secrets(function))
    return deployment.gcloud(
        f"run deploy {service(name)} --region={deployment.region} --source=build/{name} --function={function.target}"
        f" --base-image={BASE_IMAGE} --service-account={deployment.account(service(name))}"
        f" --build-service-account={builder} --labels={LABEL}"
        f" --memory={function.memory} --cpu={function.cpu} --concurrency={function.concurrency}"
        f" --min-instances={function.min_instances} --max-instances={function.max_instances}"
        f" --timeout={function.timeout_seconds} --format='value(status.url)'",
        f"--set-env-vars=^|^{settings}",
        f"--set-secrets={secrets}" if secrets else "--clear-secrets",
        *access,
    )
