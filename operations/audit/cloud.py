"""Audits a project in the cloud, with gcloud's own login."""

from argparse import Namespace

from google.auth.transport.requests import AuthorizedSession
from google.cloud.firestore import Client
from google.pubsub_v1 import SubscriberClient

from audit.records import Subscriber
from audit.settings import Settings, Subscribers
from blueprint.topology import Topology
from operations.audit.command import audit_and_report
from operations.redrive.system import gcloud_login


def audit_in_the_cloud(arguments: Namespace, topology: Topology) -> int:
    """
    Audit the project of `arguments`. Its subscribers are those that have a subscription there.

    Raises:
        GcloudError, GcloudMissingError: gcloud gives no access token.
    """
    project = arguments.project
    login = gcloud_login(project)
    subscriber = SubscriberClient(credentials=login)
    there = {one.name.rpartition("/")[2] for one in subscriber.list_subscriptions(project=f"projects/{project}")}
    settings = Settings(
        google_cloud_project=project,
        event_topic=topology.events.topic,
        audited_subscribers=Subscribers(
            Subscriber(name, function.subscription, optional=function.optional)
            for name, function in topology.subscribers().items()
            if function.subscription in there
        ),
        dead_letter_topic=topology.events.dead_letter_topic,
        dead_letter_subscription=topology.events.dead_letter_subscription,
        attempts_seconds=topology.push.attempts_seconds,
    )
    session = AuthorizedSession(login)  # type: ignore[no-untyped-call]  # the library's gap
    client = Client(project=project, credentials=login)
    return audit_and_report(arguments, settings, client=client, session=session)
