"""One file for each of Google's APIs; importing them registers their calls."""

from tests.deploy.fake_google.apis import (
    builds,
    database,
    iam,
    monitoring,
    project,
    pubsub,
    run,
    scheduler,
    secrets,
    storage,
)

__all__ = ["builds", "database", "iam", "monitoring", "project", "pubsub", "run", "scheduler", "secrets", "storage"]
