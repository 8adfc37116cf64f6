"""Tries a new revision out at an address of its own, before it gets traffic."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from blueprint.gcloud import Run
from deploy.answering import login, until_it_answers
from deploy.canary import Canary, CanaryFailedError, address_of_a_run
from deploy.cloud import connected
from deploy.deployment import Deployment, secret_id, service
from deploy.records import Records
from deploy.script import bash
from deploy.step import Step
from deploy.steps.revisions import CANARY
from shared.runtime.versioned_secrets import VersionedSecrets

_TIMEOUT_SECONDS = 70  # create_user has 60


class RevisionRefusedError(Exception):
    """A new revision gets no traffic. The text says what was seen and what can be done."""


@dataclass(frozen=True)
class Trial:
    """Of the newest revision of the function `name`."""

    deployment: Deployment
    name: str
    run: Run
    transport: httpx.BaseTransport | None = None

    def step(self) -> Step:
        how = "a canary's sign-up" if self.deployment.canary_email else "a request (--canary-email: by a sign-up)"
        return Step(f"Try out the newest revision of {service(self.name)} by {how}", act=self._act)

    def _act(self, variables: Mapping[str, str]) -> None:
        revision, tagged, url = self._tag()
        headers = login(self.deployment, self.run, url)
        with httpx.Client(headers=headers, timeout=_TIMEOUT_SECONDS, transport=self.transport) as client:
            if silent := until_it_answers(client, tagged):
                seen = f"its address got {silent}"
            else:
                seen = self._seen_of_canary(client, tagged, revision, variables=variables)
        if seen:
            raise RevisionRefusedError(self._refusal(revision, seen))

    def _tag(self) -> tuple[str, str, str]:
        """The newest revision, its own address and the service's."""
        place = f"{service(self.name)} --region={self.deployment.region}"
        tag = f"run services update-traffic {place} --update-tags={CANARY}=LATEST --format=none"
        self.run(self.deployment.gcloud(tag), None)
        found = json.loads(self.run(self.deployment.gcloud(f"run services describe {place} --format=json"), None))
        (tagged,) = [one for one in found["status"]["traffic"] if one.get("tag") == CANARY]
        return tagged["revisionName"], tagged["url"], found["status"]["url"]

    def _seen_of_canary(self, client: httpx.Client, url: str, revision: str, *, variables: Mapping[str, str]) -> str:
        """Nothing if it arrived, or there is to be none; otherwise what was seen of it."""
        if not self.deployment.canary_email:
            return ""
        address = address_of_a_run(self.deployment.canary_email, revision.removeprefix(f"{service(self.name)}-"))
        subscribers = {name: f for name, f in self.deployment.functions().items() if f.subscription}
        link_mailers = [name for name, f in subscribers.items() if "LINK_KEYS" in f.secrets]
        with connected(self.deployment, self.run, self.transport) as cloud:
            canary = Canary(address, Records(cloud), [*subscribers], self._link_keys(variables), link_mailers)
            try:
                canary.fly(client, url)
            except CanaryFailedError as failed:
                return str(failed)
            except KeyboardInterrupt:
                print("\nDeleting the canary first ...", file=sys.stderr)
                raise
            finally:
                if left := canary.clear_away():
                    print(left, file=sys.stderr)
        return ""

    def _link_keys(self, variables: Mapping[str, str]) -> VersionedSecrets | None:
        """Those that the new revision was deployed with, where it mails links."""
        if not self.deployment.is_on("VERIFY_EMAIL"):
            return None
        version = f"secrets versions access {variables['LINK_KEYS_VERSION']} --secret={secret_id('LINK_KEYS')}"
        return VersionedSecrets.parse(self.run(self.deployment.gcloud(version), None))

    def _refusal(self, revision: str, seen: str) -> str:
        gcloud, at = self.deployment.gcloud, f"--project {self.deployment.project} --region {self.deployment.region}"
        logs = gcloud("logging read 'resource.type=cloud_run_revision AND severity>=WARNING' --freshness=1h --limit=50")
        return f"""The new revision {revision} was tried out and refused: {seen}.
It gets no traffic: {service(self.name)} is as it was. The other functions are new; they read old events and new ones.
Look at the logs:      {bash(logs)}
Once it is corrected:  run the same command again (with --at-once, nothing is tried out)
To roll back:          python -m deploy rollback {at}"""
