"""Artifact Registry: gcloud builds into a repository that others use, too; only our own images are cleaned up."""

from collections.abc import Iterator

from deploy.deployment import Deployment, service
from deploy.step import Step, document, literal

_KEPT_VERSIONS = 10
_KEPT_DAYS = 30
_POLICIES = "usher-delete-old", "usher-keep-newest"


def image_steps(deployment: Deployment) -> Iterator[Step]:
    """Artifact Registry knows packages by prefix alone: where that would meet others' images, nothing is cleaned up."""
    gcloud = deployment.gcloud
    repository = f"cloud-run-source-deploy --location={deployment.region}"
    names = [service(name) for name in deployment.topology.functions]
    ours = "|".join(names)
    delete, keep = _POLICIES
    policies = [
        {
            "name": delete,
            "action": {"type": "Delete"},
            "condition": {"olderThan": f"{_KEPT_DAYS}d", "packageNamePrefixes": names},
        },
        {
            "name": keep,
            "action": {"type": "Keep"},
            "mostRecentVersions": {"keepCount": _KEPT_VERSIONS, "packageNamePrefixes": names},
        },
    ]
    yield Step(
        "Let old images of the functions be deleted",
        gcloud(f"artifacts repositories set-cleanup-policies {repository} --policy=- --no-dry-run"),
        check=gcloud(
            f"artifacts packages list --repository={repository} --format='value(name.basename())'",
            literal(f'--filter=name~"/packages/({ours})" AND NOT name~"/packages/({ours})$"'),
        ),
        refusal="Other images in this repository have names that begin like ours, so old images are not deleted.",
        payload=document(policies),
        undo=gcloud(f"artifacts repositories delete-cleanup-policies {repository} --policynames={','.join(_POLICIES)}"),
    )
