"""One file for each of Google's APIs; importing them registers their calls."""

from tests.deploy.fake_google.apis import (  # noqa: F401  their import registers their calls
    builds,
    database,
    iam,
    monitoring,
    project,
    pubsub,
    run,
    scheduler,
    schemas,
    secrets,
    storage,
)
