"""Nothing is done with a push: what the server itself can do."""

import functions_framework
from cloudevents.http import CloudEvent


@functions_framework.cloud_event
def send_email(_: CloudEvent) -> None:
    pass
