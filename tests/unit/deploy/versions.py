"""A deployment at one version after another, on fakes of Cloud Run and of create_user."""

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace

from deploy.deployment import Deployment, service
from deploy.rollback import rollback
from deploy.rollout import roll_out
from deploy.walk import Walk
from tests.unit.deploy.fake_cloud_run import FakeCloudRun
from tests.unit.deploy.fake_usher import FakeUsher, problem
from tests.unit.deploy.plans import SMTP_PASSWORD, deployment

NAMES = ("create-user", "relay-outbox", "audit", "send-email")
CHANGED = ("create-user", "send-email")
SECRETS = {"SMTP_PASSWORD": SMTP_PASSWORD}


def version(number: int, *, changed: tuple[str, ...] = CHANGED) -> Deployment:
    """All functions at version 1, and those that were `changed` at the one with this number."""
    of = deployment()
    bundles = {name: f"bundle {number if service(name) in changed else 1}" for name in of.functions()}
    return replace(of, bundles=bundles, canary_email="ops@example.com")


def up(cloud: FakeCloudRun, of: Deployment, usher: FakeUsher | None = None, *, at_once: bool = False) -> None:
    cloud.journal.clear()
    roll_out(of, SECRETS, Walk(cloud.run), at_once=at_once, transport=(usher or FakeUsher()).transport())


def put_back(cloud: FakeCloudRun) -> int:
    cloud.journal.clear()
    return rollback(Namespace(dry_run=False), deployment(), run=cloud.run)


def newest(cloud: FakeCloudRun) -> Mapping[str, Mapping[str, int]]:
    return {name: {one.revisions[-1]: 100} for name, one in cloud.services.items()}


def refuse(usher: FakeUsher) -> FakeUsher:
    usher.sign_up = lambda _request: problem(500, "internal")
    return usher
