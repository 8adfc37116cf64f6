"""What ran when `up` last ended, and before: kept in labels of the topic, which lives as long as the deployment."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from blueprint.gcloud import Command, GcloudError, Run
from deploy.deployment import LABEL, Deployment
from deploy.step import NOTHING_THERE

Revisions = Mapping[str, str]  # by service


@dataclass(frozen=True)
class Service:
    """A service as it is: the revisions that get traffic, with their percentages, and those with a tag."""

    url: str | None
    ingress: str
    newest: str
    traffic: Mapping[str, int]
    tags: Mapping[str, str]

    @property
    def is_on_the_internet(self) -> bool:
        """Not behind a load balancer alone: docs/limit-clients.md."""
        return self.ingress == "all"

    @property
    def serving(self) -> str:
        """The revision with most of the traffic."""
        return max(self.traffic, key=lambda revision: self.traffic[revision])


def read_services(deployment: Deployment, run: Run) -> dict[str, Service]:
    """Those of Usher that serve; none where there is no Cloud Run yet."""
    services = services_in(_unless_missing(run, services_command(deployment)) or "[]")
    return {name: one for name, one in services.items() if one.newest and one.traffic}


def services_in(printed: str) -> dict[str, Service]:
    """What the command below prints."""
    return {one["metadata"]["name"]: _service(one["metadata"], one["status"]) for one in json.loads(printed)}


def services_command(deployment: Deployment) -> Command:
    wanted = f"--filter=metadata.labels.app={LABEL.partition('=')[2]}"
    return deployment.gcloud(f"run services list --region={deployment.region} {wanted} --format=json")


@dataclass(frozen=True)
class History:
    """The revisions that the last whole `up` left behind or a roll-back put back, and those that it found."""

    now: Revisions
    before: Revisions

    def is_whole(self, services: Mapping[str, Service]) -> bool:
        """Nothing was deployed since, and nothing rolled back."""
        return all(one.newest == self.now.get(name) for name, one in services.items())

    def goal(self, services: Mapping[str, Service]) -> Revisions:
        """What a roll-back puts back: the same after an `up` that was stopped, and however often it is repeated."""
        return self.before if self.is_whole(services) else self.now

    def begun(self, found: Mapping[str, Service]) -> "History":
        """
        Before an `up` that has found these services.

        Of those that an earlier version of Usher deployed nothing is kept yet, and this `up` may be stopped.
        """
        return self if self.now else History(_serving(found), self.before)

    def after(self, found: Mapping[str, Service], left: Mapping[str, Service]) -> "History":
        """Once an `up` has found these services and left those."""
        now = _serving(left)
        if now == self.now:
            return self
        return History(now, _serving(found) if self.is_whole(found) else self.now)


def _serving(services: Mapping[str, Service]) -> Revisions:
    return {name: one.serving for name, one in services.items()}


def read_history(deployment: Deployment, run: Run) -> History:
    topic = deployment.topology.events.topic
    described = _unless_missing(run, deployment.gcloud(f"pubsub topics describe {topic} --format=json"))
    kept: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for label, revision in json.loads(described or "{}").get("labels", {}).items():
        when, _, name = label.partition("_")
        kept[when][name] = revision
    return History(kept["now"], kept["before"])


def write_history(deployment: Deployment, run: Run, new: History, *, replacing: History) -> None:
    """Where the topic was deleted, nothing is kept until an `up` has made it again."""
    if new == replacing:
        return
    labels = _labels(new)
    written = ",".join(f"{label}={revision}" for label, revision in labels.items())
    gone = ",".join(label for label in _labels(replacing) if label not in labels)
    update = f"pubsub topics update {deployment.topology.events.topic} --update-labels={written}"
    _unless_missing(run, deployment.gcloud(update + (f" --remove-labels={gone}" if gone else "")))


def _labels(history: History) -> dict[str, str]:
    return {
        f"{when}_{name}": revision
        for when, revisions in (("now", history.now), ("before", history.before))
        for name, revision in revisions.items()
    }


def _unless_missing(run: Run, command: Command) -> str:
    try:
        return run(command, None)
    except GcloudError as error:
        if not error.says(NOTHING_THERE):
            raise
        return ""


def _service(metadata: Mapping[str, Any], status: Mapping[str, Any]) -> Service:
    targets, traffic = status.get("traffic", []), defaultdict[str, int](int)
    for one in targets:
        if one.get("percent") and "revisionName" in one:
            traffic[one["revisionName"]] += one["percent"]
    tags = {one["tag"]: one.get("revisionName", "") for one in targets if "tag" in one}
    return Service(status.get("url"), ingress_of(metadata), status.get("latestReadyRevisionName", ""), traffic, tags)


def ingress_of(metadata: Mapping[str, Any]) -> str:
    """Who reaches a service, as Cloud Run lists it: `all` is the internet."""
    return str(metadata.get("annotations", {}).get("run.googleapis.com/ingress", "all"))
