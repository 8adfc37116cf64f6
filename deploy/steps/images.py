"""Artifact Registry: gcloud builds into a repository that others use, too; only our own images are cleaned up."""

from collections.abc import Iterator

from deploy.deployment import Deployment, service
from deploy.step import Step, document, literal

_REPOSITORY = "cloud-run-source-deploy"
_KEPT_VERSIONS, _KEPT_DAYS = 10, 30
_DELETE, _KEEP = "usher-delete-old", "usher-keep-newest"


def image_steps(deployment: Deployment) -> Iterator[Step]:
    """Where others could lose an image or a policy, nothing is cleaned up."""
    gcloud, at = deployment.gcloud, f"--location={deployment.region}"
    names = [service(name) for name in deployment.topology.functions]
    ours = "|".join(names)
    listed = f"artifacts repositories list-cleanup-policies ${{IMAGES}} {at}"
    yield Step(
        "Make sure that no image of others has a name that begins like ours",
        gcloud(f"artifacts repositories describe {_REPOSITORY} {at} --format='value(name.basename())'"),
        check=gcloud(
            f"artifacts packages list --repository={_REPOSITORY} {at} --format='value(name.basename())'",
            literal(f'--filter=name~"^(.*/packages/)?({ours})" AND NOT name~"^(.*/packages/)?({ours})$"'),
        ),
        refusal=f"Old images are not deleted: {_REPOSITORY} holds images of others, too, whose names begin like ours,"
        " and Artifact Registry tells images apart by how their names begin.",
        fills="IMAGES",
    )
    yield Step(
        "Let old images of the functions be deleted",
        gcloud(f"artifacts repositories set-cleanup-policies ${{IMAGES}} {at} --policy=-"),
        # Blank for our own.
        check=gcloud(f'{listed} --format=\'value(name.sub("{_DELETE}|{_KEEP}", ""))\''),
        refusal=f"Old images are not deleted: {_REPOSITORY} has clean-up policies of others, which gcloud would"
        " overwrite.",
        payload=document(_policies(names)),
        undo=gcloud(
            f"artifacts repositories delete-cleanup-policies {_REPOSITORY} {at} --policynames={_DELETE},{_KEEP}"
        ),
    )


def _policies(names: list[str]) -> list[dict[str, object]]:
    old = {"olderThan": f"{_KEPT_DAYS}d", "packageNamePrefixes": names}
    newest = {"keepCount": _KEPT_VERSIONS, "packageNamePrefixes": names}
    return [
        {"name": _DELETE, "action": {"type": "Delete"}, "condition": old},
        {"name": _KEEP, "action": {"type": "Keep"}, "mostRecentVersions": newest},
    ]
