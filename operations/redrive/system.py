"""The parts of a running Usher that a redrive works on, and how it reaches them: with a login, or on emulators."""

from dataclasses import dataclass, field
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
from operations.broker import Broker
from operations.brokers.pubsub import PubsubBroker

# In the cloud none of them may be set: Google's client libraries would obey it.
EMULATORS = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST")


@dataclass(frozen=True, kw_only=True)
class EmulatorHosts:
    """Where Google's emulators are, as host:port. With `nats_url` events are there instead of on Pub/Sub."""

    firestore: str
    pubsub: str
    nats_url: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class System:
    """Its users, and its events."""

    firestore: Client
    broker: Broker


def connect(project: str, topics: EventTopics, emulators: EmulatorHosts | None = None) -> System:
    """
    Reach the Usher of `project` with gcloud's own login, or on `emulators`, which need none.

    Raises:
        GcloudError, GcloudMissingError: gcloud gives no access token.
    """
    return _on(emulators, project, topics) if emulators else _in_the_cloud(project, topics)


def _in_the_cloud(project: str, topics: EventTopics) -> System:
    login = gcloud_login(project)
    publisher, subscriber = PublisherClient(credentials=login), SubscriberClient(credentials=login)
    broker = PubsubBroker(publisher, subscriber, project=project, topics=topics)
    return System(firestore=Client(project=project, credentials=login), broker=broker)


def _on(emulators: EmulatorHosts, project: str, topics: EventTopics) -> System:
    firestore = _EmulatedFirestore(project, host=emulators.firestore)
    if emulators.nats_url:
        from operations.brokers.nats import NatsBroker  # noqa: PLC0415  NATS loads only where it is used

        return System(firestore=firestore, broker=NatsBroker(emulators.nats_url, project=project, topics=topics))
    channel = grpc.insecure_channel(emulators.pubsub)
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
    subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
    return System(firestore=firestore, broker=PubsubBroker(publisher, subscriber, project=project, topics=topics))


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
