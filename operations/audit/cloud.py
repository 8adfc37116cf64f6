"""Audits a project in the cloud, with gcloud's own login."""

from argparse import Namespace

from google.auth.transport.requests import AuthorizedSession

from audit.records import Subscriber
from audit.settings import Settings, Subscribers
from blueprint.topology import Topology
from operations.audit.command import audit_and_report
from operations.redrive.system import connect, gcloud_login


def audit_in_the_cloud(arguments: Namespace, topology: Topology) -> int:
    """
    Audit the project of `arguments`. Its subscribers are those that have a subscription there.

    Raises:
        GcloudError, GcloudMissingError: gcloud gives no access token.
    """
    project = arguments.project
    system = connect(project, topology.events)
    there = {one.name.rpartition("/")[2] for one in system.subscriber.list_subscriptions(project=f"projects/{project}")}
    settings = Settings(
        google_cloud_project=project,
        audited_subscribers=Subscribers(
            Subscriber(name, function.subscription, optional=function.optional)
            for name, function in topology.subscribers().items()
            if function.subscription in there
        ),
        dead_letter_subscription=topology.events.dead_letter_subscription,
        attempts_seconds=topology.push.attempts_seconds,
    )
    session = AuthorizedSession(gcloud_login(project))  # type: ignore[no-untyped-call]  # the library's gap
    return audit_and_report(arguments, settings, client=system.firestore, session=session)
