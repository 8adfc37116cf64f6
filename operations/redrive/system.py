"""The parts of a running Usher that a redrive works on, and how it reaches them: with a login, or on emulators."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from google.auth.credentials import AnonymousCredentials, Credentials
from google.cloud.firestore import Client
from google.oauth2 import credentials as oauth2
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from blueprint.gcloud import run_gcloud
from blueprint.topology import EventTopics

# In the cloud none of them may be set: Google's client libraries would obey it.
EMULATORS = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")


@dataclass(frozen=True, kw_only=True)
class EmulatorHosts:
    """Where Google's emulators are, as host:port."""

    firestore: str
    pubsub: str


@dataclass(frozen=True, kw_only=True)
class System:
    """`topic` and `dead_letters`, a subscription, are full names in Pub/Sub."""

    firestore: Client
    publisher: PublisherClient
    subscriber: SubscriberClient
    topic: str
    dead_letters: str


def connect(project: str, topics: EventTopics, emulators: EmulatorHosts | None = None) -> System:
    """
    Reach the Usher of `project` with gcloud's own login, or on `emulators`, which need none.

    Raises:
        GcloudError, GcloudMissingError: gcloud gives no access token.
    """
    firestore, publisher, subscriber = _on(emulators, project) if emulators else _in_the_cloud(project)
    return System(
        firestore=firestore,
        publisher=publisher,
        subscriber=subscriber,
        topic=f"projects/{project}/topics/{topics.topic}",
        dead_letters=f"projects/{project}/subscriptions/{topics.dead_letter_subscription}",
    )


def _in_the_cloud(project: str) -> tuple[Client, PublisherClient, SubscriberClient]:
    login = gcloud_login(project)
    return (
        Client(project=project, credentials=login),
        PublisherClient(credentials=login),
        SubscriberClient(credentials=login),
    )


def _on(emulators: EmulatorHosts, project: str) -> tuple[Client, PublisherClient, SubscriberClient]:
    channel = grpc.insecure_channel(emulators.pubsub)
    return (
        _EmulatedFirestore(project, host=emulators.firestore),
        PublisherClient(transport=PublisherGrpcTransport(channel=channel)),
        SubscriberClient(transport=SubscriberGrpcTransport(channel=channel)),
    )


class _EmulatedFirestore(Client):
    """The emulator at `host`, which the library itself looks up in the environment of the whole process only."""

    def __init__(self, project: str, *, host: str) -> None:
        login = AnonymousCredentials()  # type: ignore[no-untyped-call]  # the library's gap
        super().__init__(project=project, credentials=login)
        self._emulator_host = host


def gcloud_login(project: str) -> Credentials:
    """
    The login of gcloud, which is asked again before its access token expires: a redrive may last for hours.

    Every call counts on the project's own quota: gcloud's own project has none to give.

    Raises:
        GcloudError, GcloudMissingError: gcloud gives no access token.
    """
    token, expiry = _access_token()
    return oauth2.Credentials(  # type: ignore[no-untyped-call]  # the library's gap
        token, expiry=expiry, refresh_handler=lambda *_, **__: _access_token(), quota_project_id=project
    )


def _access_token() -> tuple[str, datetime]:
    token = run_gcloud(("gcloud", "auth", "print-access-token"))
    # gcloud prints none that expires within five minutes; the library asks again 3 min 45 s before it believes it has.
    return token, datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=8)
