"""The parts of a running Usher that a redrive works on, and the login it reaches them with."""

from collections.abc import Mapping
from dataclasses import dataclass

from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud.firestore import Client
from google.oauth2 import credentials as oauth2
from google.pubsub_v1 import PublisherClient, SubscriberClient

from blueprint.gcloud import run_gcloud
from blueprint.topology import Events

EMULATORS = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")


@dataclass(frozen=True, kw_only=True)
class System:
    """`topic` and `dead_letters`, a subscription, are full names in Pub/Sub."""

    firestore: Client
    publisher: PublisherClient
    subscriber: SubscriberClient
    topic: str
    dead_letters: str


def connect(project: str, events: Events, environ: Mapping[str, str]) -> System:
    """
    Reach the Usher of `project` with gcloud's own login, or the emulators that `environ` names; those need no login.

    Raises:
        GcloudError, GcloudMissingError: gcloud gives no access token.
    """
    login = _anonymous() if any(environ.get(name) for name in EMULATORS) else _gcloud_login(project)
    return System(
        firestore=Client(project=project, credentials=login),
        publisher=PublisherClient(credentials=login),
        subscriber=SubscriberClient(credentials=login),
        topic=f"projects/{project}/topics/{events.topic}",
        dead_letters=f"projects/{project}/subscriptions/{events.dead_letter_subscription}",
    )


def _anonymous() -> Credentials:
    return AnonymousCredentials()  # type: ignore[no-untyped-call]  # the library's gap


def _gcloud_login(project: str) -> Credentials:
    """Every call counts on the project's own quota: gcloud's own project has none to give."""
    token = run_gcloud(("gcloud", "auth", "print-access-token"))
    return oauth2.Credentials(token, quota_project_id=project)  # type: ignore[no-untyped-call]  # the library's gap
