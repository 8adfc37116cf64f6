"""Who lacks a role on something that the deployment makes it use."""

from collections.abc import Iterator

from tests.deploy.fake_google.state import NUMBER, State

_PROJECT_ROLES = {"audit": ["roles/datastore.viewer", "roles/monitoring.viewer"]}  # it reads, and no more
_PUBSUB = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"


def missing_roles(state: State) -> list[str]:
    return [
        f"{member} lacks {role} on {resource}"
        for member, role, resource in needed_roles(state)
        if member not in state.members(resource, role)
    ]


def needed_roles(state: State) -> Iterator[tuple[str, str, str]]:
    """Member, role and resource, read from what the services, subscriptions and jobs are told to use."""
    project = f"projects/{state.project}"
    for service in state.services.values():
        spec = service["spec"]["template"]["spec"]
        account = f"serviceAccount:{spec['serviceAccountName']}"
        for role in _PROJECT_ROLES.get(service["metadata"]["name"], ["roles/datastore.user"]):
            yield account, role, state.project
        for variable in spec["containers"][0]["env"]:
            if variable["name"] == "EVENT_TOPIC" and service["metadata"]["name"] != "audit":  # which publishes nothing
                yield account, "roles/pubsub.publisher", f"{project}/topics/{variable['value']}"
            if secret := variable.get("valueFrom"):
                name = f"{project}/secrets/{secret['secretKeyRef']['name']}"
                yield account, "roles/secretmanager.secretAccessor", name
    for subscription in state.subscriptions.values():
        if "pushConfig" in subscription:
            yield _PUBSUB, "roles/pubsub.subscriber", subscription["name"]
            yield _PUBSUB, "roles/pubsub.publisher", subscription["deadLetterPolicy"]["deadLetterTopic"]
            token = subscription["pushConfig"]["oidcToken"]
            signed_as = f"{project}/serviceAccounts/{token['serviceAccountEmail']}"
            yield _PUBSUB, "roles/iam.serviceAccountTokenCreator", signed_as
            yield (
                f"serviceAccount:{token['serviceAccountEmail']}",
                "roles/run.invoker",
                _service(state, token["audience"]),
            )
    for job in state.jobs.values():
        token = job["httpTarget"]["oidcToken"]
        yield f"serviceAccount:{token['serviceAccountEmail']}", "roles/run.invoker", _service(state, token["audience"])


def _service(state: State, url: str) -> str:
    own = next(name for name, service in state.services.items() if service["status"]["url"] == url)
    return f"projects/{state.project}/locations/europe-west1/services/{own}"
