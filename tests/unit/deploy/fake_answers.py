"""The fake Google of tests/deploy without a server: its answers to the deployment's own questions."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

import tests.deploy.fake_google.apis  # noqa: F401  its import registers the calls
from blueprint.gcloud import Command, Run
from deploy.deployment import Deployment
from deploy.preflight import before_up
from tests.deploy.fake_google.routing import FIREBASE, TO_BE_ENABLED, Request, answer
from tests.deploy.fake_google.state import State
from tests.unit.deploy.fake_counts import FakeCounts
from tests.unit.deploy.plans import PROJECT, REGION, deployment

OURS = {"app": "usher"}
AT = f"--project={PROJECT}"


@dataclass
class FakeAnswers:
    """`state` is what there is. What waits is known to `counts`, and `refused` is what hosts say instead."""

    state: State = field(default_factory=lambda: State(PROJECT))
    counts: FakeCounts = field(default_factory=lambda: FakeCounts({}))
    refused: dict[str, httpx.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        host, path = request.url.host, request.url.path
        self.asked.append(f"{request.method} {host}{path}")
        if host in self.refused:
            return self.refused[host]
        if path.endswith(("/timeSeries", "Query")):
            return self.counts.answer(request)
        known = answer(self.state, Request(request.method, host, path, dict(request.url.params), request.read()))
        assert known, f"the fake does not know {request.method} {request.url}"
        code, body = known
        return httpx.Response(code, json=body)


def service(name: str, region: str = REGION, **labels: str) -> dict[str, Any]:
    """As Cloud Run lists it."""
    return {"metadata": {"name": name, "labels": {"cloud.googleapis.com/location": region, **labels}}}


def job(name: str, region: str = REGION, account: str = f"usher-invoker@{PROJECT}.iam.gserviceaccount.com") -> Any:
    """As Cloud Scheduler lists it."""
    return {
        "name": f"projects/{PROJECT}/locations/{region}/jobs/{name}",
        "httpTarget": {"oidcToken": {"serviceAccountEmail": account}},
    }


def topic(name: str, **labels: str) -> dict[str, Any]:
    return {"name": f"projects/{PROJECT}/topics/{name}", "labels": labels}


def subscription(name: str, on: str, **labels: str) -> dict[str, Any]:
    """On a topic of the project, or on what Pub/Sub calls one that was deleted."""
    path = on if on.startswith("_") else f"projects/{PROJECT}/topics/{on}"
    return {"name": f"projects/{PROJECT}/subscriptions/{name}", "topic": path, "labels": labels}


def gcloud(command: Command, _payload: str | None = None) -> str:
    """gcloud 528, logged in."""
    return json.dumps({"Google Cloud SDK": "528.0.0", "alpha": "1", "beta": "1"}) if "version" in command else "a-token"


def found(google: FakeAnswers, of: Deployment | None = None, run: Run = gcloud) -> list[str]:
    """What stops `up`, and what is only said."""
    findings = before_up(of or deployment(), run, google.transport())
    return [one.text if one.stops else f"Note: {one.text}" for one in findings]


def make_usher(state: State) -> None:
    """What `up` makes, as Google lists it."""
    names = ("create-user", "relay-outbox", "audit", "send-email", "notify-admin")
    state.services.update({name: service(name, **OURS) for name in names})
    state.jobs.update({name: job(name) for name in ("relay-outbox", "audit")})
    state.topics.update({name: topic(name, **OURS) for name in ("user.created", "user.created.dead-letter")})
    for name in ("send-email", "notify-admin"):
        state.subscriptions[name] = subscription(name, on="user.created", **OURS)
    dead_letter = "user.created.dead-letter"
    state.subscriptions[dead_letter] = subscription(dead_letter, on=dead_letter, **OURS)
    state.schemas["user.created"] = [
        {"name": f"projects/{PROJECT}/schemas/user.created", "definition": "// The event `user.created`, in protobuf"}
    ]
    name = f"projects/{PROJECT}/databases/(default)"
    state.databases["(default)"] = {"name": name, "type": "FIRESTORE_NATIVE", "locationId": REGION}


def make_trouble(state: State) -> None:
    """Of each kind that the preflight finds in a project."""
    state.billing, state.milli_cpus = False, "10000"
    state.apis |= {*TO_BE_ENABLED, FIREBASE}
    state.services |= {"audit": service("audit"), "ours": service("send-email", **OURS)}
    state.services |= {"elsewhere": service("create-user", "us-central1", **OURS)}
    state.jobs |= {"audit": job("audit", account=f"night@{PROJECT}.iam.gserviceaccount.com")}
    state.jobs |= {"ours": job("relay-outbox"), "elsewhere": job("relay-outbox", "us-central1")}
    state.topics["user.created"] = topic("user.created")
    state.subscriptions["send-email"] = subscription("send-email", on="_deleted-topic_", **OURS)
    name = f"projects/{PROJECT}/schemas/user.created"
    state.schemas["user.created"] = [{"name": name, "type": "PROTOCOL_BUFFER", "definition": 'syntax = "proto3";'}]
    name = f"projects/{PROJECT}/databases/(default)"
    state.databases["(default)"] = {"name": name, "type": "DATASTORE_MODE", "locationId": "us-east1"}
