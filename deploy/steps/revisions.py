"""Which revision a service runs: one for each content, named after it, and the traffic that the newest gets."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from deploy.deployment import Deployment, service
from deploy.step import Step

CANARY = "canary"  # the traffic tag of a revision that is tried out before it gets traffic
# Of the first of a service's traffic targets: does it follow the newest revision, and with how much of the traffic?
_FIRST_TARGET = "spec.traffic[0].latestRevision,spec.traffic[0].percent"
_NEWEST_HAS_ALL = "True 100"


def unless_unchanged(deployment: Deployment, name: str, deploying: Step, *, still: str = "") -> Step:
    """
    Deploy only if bundle, settings or secrets differ from those of the newest revision, or what `still` filters is not.

    They are in the revision's name, not in a label, which would stay when somebody edits the service by hand.
    """
    if name not in deployment.bundles:
        return deploying
    content = sha256("\n".join([deployment.bundles[name], *deploying.command]).encode()).hexdigest()[:12]
    secrets = deployment.secrets(deployment.topology.functions[name])
    suffix = "-".join([content, *(f"${{{secret}_VERSION}}" for secret in secrets), ""])
    same = f"~^{service(name)}-{suffix}"
    unchanged = deployment.gcloud(
        f"run services list --region={deployment.region} --format='value(status.url)'",
        f"--filter=metadata.name={service(name)}{still} AND status.latestCreatedRevisionName{same}"
        f" AND status.latestReadyRevisionName{same}",
    )
    return replace(
        deploying,
        command=(*deploying.command, f"--revision-suffix={suffix}${{ATTEMPT}}"),
        check=() if deployment.rebuild else unchanged,
    )


def traffic_steps(deployment: Deployment, names: Iterable[str]) -> Iterator[Step]:
    """The newest revision of each gets all traffic, also after a roll-back, which pins it to an older one."""
    check = f'run services list --region={deployment.region} --format=\'value[separator=" "](metadata.name,'
    for name in names:
        yield replace(
            _shift(deployment, name),
            check=deployment.gcloud(f"{check}{_FIRST_TARGET})'"),
            there=f"{service(name)} {_NEWEST_HAS_ALL}",
        )


def shift_steps(deployment: Deployment, name: str, try_out: Step | None) -> Iterator[Step]:
    """The same for one that is tried out before, by the step that does so."""
    described = f"run services describe {service(name)} --region={deployment.region}"
    shift = replace(
        _shift(deployment, name),
        check=deployment.gcloud(f"{described} --format='value[separator=\" \"]({_FIRST_TARGET})'"),
        there=_NEWEST_HAS_ALL,
    )
    if try_out:
        yield replace(try_out, check=shift.check, there=shift.there)
    yield shift


def _shift(deployment: Deployment, name: str) -> Step:
    return Step(
        f"Send all traffic to the newest revision of {service(name)}",
        deployment.gcloud(
            f"run services update-traffic {service(name)} --region={deployment.region} --to-latest"
            f" --remove-tags={CANARY} --format=none"
        ),
    )
