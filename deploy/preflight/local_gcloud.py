"""The user's own gcloud: new enough for what the steps call, and with the components that they need."""

import json
from collections.abc import Iterator, Mapping, Sequence

from blueprint.gcloud import Command, Run
from deploy.deployment import Deployment
from deploy.step import Step

# What is used and is newer than the oldest gcloud that works, with the release that it became usable in outside alpha
# and beta. All else is older.
SINCE = {"--base-image": 511, "--build-service-account": 511, "--function": 511}
_COMPONENTS = ("alpha", "beta")


def gcloud_faults(deployment: Deployment, steps: Sequence[Step], run: Run) -> Iterator[str]:
    versions = json.loads(run(deployment.gcloud("version --format=json"), None))
    needed = [step for step in steps if not step.may_fail]
    yield from _faults(versions, [step.command for step in needed] + [step.update for step in needed])


def _faults(versions: Mapping[str, str], commands: Sequence[Command]) -> Iterator[str]:
    lines = {" ".join([*(word.partition("=")[0] for word in command), ""]) for command in commands}
    release = versions["Google Cloud SDK"]
    too_new = [
        f"{words} needs {since}"
        for words, since in SINCE.items()
        if int(release.partition(".")[0]) < since and any(f" {words} " in line for line in lines)
    ]
    if too_new:
        yield f"gcloud {release} is too old: {', '.join(too_new)}. Update it: gcloud components update"
    for component in _COMPONENTS:
        if component not in versions and any(line.startswith(f"gcloud {component} ") for line in lines):
            yield f"gcloud has no {component} component. Install it: gcloud components install {component}"
