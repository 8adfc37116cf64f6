"""Cloud Run without gcloud: services, their revisions and who gets traffic; and the topic's labels."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from blueprint.gcloud import Command, GcloudError

LATEST = "LATEST"


@dataclass
class FakeService:
    """`targets` give a share to a revision or to the newest, whichever that is; `tags` give addresses."""

    name: str
    revisions: list[str]
    targets: dict[str, int]
    tags: dict[str, str] = field(default_factory=dict)
    ingress: str = "all"

    @property
    def serving(self) -> dict[str, int]:
        return {self._named(target): share for target, share in self.targets.items()}

    def json(self) -> dict[str, Any]:
        host = f"{self.name}.example"
        newest = self.revisions[-1]
        traffic = [
            *({"revisionName": revision, "percent": share} for revision, share in self.serving.items()),
            *({"revisionName": self._named(r), "tag": t, "url": f"https://{t}---{host}"} for t, r in self.tags.items()),
        ]
        names = {"latestReadyRevisionName": newest, "latestCreatedRevisionName": newest}
        metadata = {"name": self.name, "annotations": {"run.googleapis.com/ingress": self.ingress}}
        return {"metadata": metadata, "status": {**names, "url": f"https://{host}", "traffic": traffic}}

    def first_target(self) -> str:
        target, share = next(iter(self.targets.items()))
        return f"{'True' if target == LATEST else ''} {share}"

    def _named(self, target: str) -> str:
        return self.revisions[-1] if target == LATEST else target


@dataclass
class FakeCloudRun:
    """`run` stands for gcloud; what is not Cloud Run's or the topic's is done and prints nothing. As FakeProject."""

    services: dict[str, FakeService] = field(default_factory=dict)
    secret_version: str = "1"
    link_keys: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    journal: list[Command] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def run(self, command: Command, _payload: str | None = None) -> str:
        self.journal.append(command)
        if said := self.faults.pop(len(self.journal) - 1, None):
            raise GcloudError(command, said)
        if command[1:3] == ("secrets", "versions"):
            return self.link_keys if "--secret=usher-link-keys" in command else self.secret_version
        if command[1:3] == ("auth", "print-access-token"):
            return "a-token"
        if command[1:3] == ("run", "deploy"):
            return self._deploy(command)
        if command[1:3] == ("run", "services"):
            return "\n".join(self._service(command))
        if command[1:3] == ("pubsub", "topics"):
            return self._topic(command)
        return ""

    def serving(self) -> dict[str, dict[str, int]]:
        return {name: one.serving for name, one in self.services.items()}

    def called(self, *words: str) -> list[str]:
        """The services, in order, that such commands named."""
        return [command[1 + len(words)] for command in self.journal if command[1 : 1 + len(words)] == words]

    def _deploy(self, command: Command) -> str:
        name = command[3]
        revision = f"{name}-{_flag(command, 'revision-suffix')}"
        if name not in self.services:
            assert "--no-traffic" not in command, "gcloud refuses it for a new service"
            self.services[name] = FakeService(name, [revision], {LATEST: 100})
        one = self.services[name]
        if "--no-traffic" in command:
            one.targets = one.serving
        one.revisions.append(revision)
        one.ingress = _flag(command, "ingress") or one.ingress
        return f"https://{name}.example"

    def _service(self, command: Command) -> Iterator[str]:
        verb, name, form = command[3], command[4], _flag(command, "format")
        if verb == "update-traffic":
            self._shift(command)
        elif form == "json":
            yield json.dumps([one.json() for one in self.services.values()] if verb == "list" else self._json(name))
        elif verb == "describe":
            yield self.services[name].first_target()
        elif (wanted := re.search(r"metadata.name=(\S+) AND (.*)~\^(\S+)", " ".join(command))) and form:
            one = self.services.get(wanted[1])
            still = one and (one.ingress == "internal" or "=internal" not in wanted[2])
            yield f"https://{wanted[1]}.example" if one and still and one.revisions[-1].startswith(wanted[3]) else ""
        elif verb == "list":
            yield from (f"{one.name} {one.first_target()}" for one in self.services.values())

    def _json(self, name: str) -> dict[str, Any]:
        return self.services[name].json()

    def _shift(self, command: Command) -> None:
        one = self.services[command[4]]
        if tagged := _flag(command, "update-tags"):
            tag, _, revision = tagged.partition("=")
            one.tags[tag] = revision
        one.tags.pop(_flag(command, "remove-tags"), None)
        if "--to-latest" in command:
            one.targets = {LATEST: 100}
        if to := _flag(command, "to-revisions"):
            revision, _, share = to.partition("=")
            assert revision in one.revisions
            one.targets = {revision: int(share)}

    def _topic(self, command: Command) -> str:
        if command[3] == "describe":
            return json.dumps({"name": "t", "labels": self.labels})
        if command[3] == "update":
            self.labels |= dict(pair.split("=") for pair in _flag(command, "update-labels").split(","))
            for label in filter(None, _flag(command, "remove-labels").split(",")):
                del self.labels[label]
        return ""


def _flag(command: Command, name: str) -> str:
    return next((word.partition("=")[2] for word in command if word.startswith(f"--{name}=")), "")
