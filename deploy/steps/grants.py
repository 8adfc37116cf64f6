"""Grants: a role for a member on a resource."""

from deploy.deployment import Deployment
from deploy.step import CONFLICT, NEW_ACCOUNT, NEW_API, Step


def grant(
    deployment: Deployment, kind: str, resource: str, *, role: str, member: str, more: str = "", outlives: bool = False
) -> Step:
    """
    Give `member` the role on a resource, which `gcloud KIND add-iam-policy-binding` can name.

    One that outlives `down` is taken away there; the others go with their resource.
    """
    binding = f"{resource} --member={member} --role={role} --format=none {more}"
    return Step(
        f"Grant {role} on {resource} to {_named(member)}",
        deployment.gcloud(f"{kind} add-iam-policy-binding {binding}"),
        retried=f"{NEW_API}|{CONFLICT}|{NEW_ACCOUNT}",
        undo=deployment.gcloud(f"{kind} remove-iam-policy-binding {binding}") if outlives else (),
    )


def _named(member: str) -> str:
    """The member for a reader: `create-user` for the account usher-create-user@..."""
    account = member.partition(":")[2].partition("@")[0]
    return "Pub/Sub itself" if "$" in account else account
