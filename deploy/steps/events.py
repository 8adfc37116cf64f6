"""Pub/Sub: the topics, the pushes to the subscribers, and where events go that were given up."""

from collections.abc import Iterator

from blueprint.gcloud import Command
from blueprint.topology import Function
from deploy.deployment import LABEL, Deployment, service, url
from deploy.step import CONFLICT, MAY_NOT_EXIST, NEW_ACCOUNT, NEW_API, Step
from deploy.steps.grants import grant

_PUBSUB_ITSELF = "serviceAccount:service-${PROJECT_NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"


def topic_steps(deployment: Deployment) -> Iterator[Step]:
    gcloud, events = deployment.gcloud, deployment.topology.events
    for topic in (events.topic, events.dead_letter_topic):
        yield Step(
            f"Create the topic {topic}",
            gcloud(f"pubsub topics create {topic} --labels={LABEL}"),
            check=gcloud("pubsub topics list --format='value(name.basename())'"),
            there=topic,
            undo=gcloud(f"pubsub topics delete {topic}"),
        )
    dead_letters = (
        f"{events.dead_letter_subscription} --message-retention-duration={events.dead_letter_retention_days}d"
    )
    yield Step(
        f"Keep dead letters in the subscription {events.dead_letter_subscription}",
        gcloud(
            f"pubsub subscriptions create {dead_letters} --topic={events.dead_letter_topic} --expiration-period=never"
            f" --labels={LABEL}"
        ),
        check=subscriptions(deployment),
        there=events.dead_letter_subscription,
        update=gcloud(f"pubsub subscriptions update {dead_letters}"),
        undo=gcloud(f"pubsub subscriptions delete {events.dead_letter_subscription}"),
    )


def publisher_steps(deployment: Deployment) -> Iterator[Step]:
    """
    Who may publish: the functions that know the topic's name, and Pub/Sub itself what it gives up.

    And whose login its pushes carry: in projects from before April 2021 Pub/Sub may not make one, and pushes fail in
    silence.
    """
    events = deployment.topology.events
    publishers = {
        f"serviceAccount:{deployment.account(service(name))}": events.topic
        for name, function in deployment.functions().items()
        if "EVENT_ENCODING" in function.settings  # who publishes
    }
    for member, topic in {**publishers, _PUBSUB_ITSELF: events.dead_letter_topic}.items():
        yield grant(deployment, "pubsub topics", topic, role="roles/pubsub.publisher", member=member)
    yield grant(
        deployment,
        "iam service-accounts",
        deployment.account("invoker"),
        role="roles/iam.serviceAccountTokenCreator",
        member=_PUBSUB_ITSELF,
    )


def subscription_step(deployment: Deployment, name: str, function: Function) -> Step:
    """The push to one subscriber."""
    gcloud, events, push = deployment.gcloud, deployment.topology.events, deployment.topology.push
    pushed = (
        f"{function.subscription}"
        # functions-framework reads the topic from this path
        f" --push-endpoint={url(name)}/projects/{deployment.project}/topics/{events.topic}"
        f" --push-auth-service-account={deployment.account('invoker')} --push-auth-token-audience={url(name)}"
        f" --ack-deadline={push.ack_deadline_seconds} --message-retention-duration={push.retention_days}d"
        f" --min-retry-delay={push.minimum_backoff_seconds}s --max-retry-delay={push.maximum_backoff_seconds}s"
        f" --dead-letter-topic={events.dead_letter_topic} --max-delivery-attempts={push.max_delivery_attempts}"
    )
    return Step(
        f"Push {events.topic} to {service(name)}",
        gcloud(
            f"pubsub subscriptions create {pushed} --topic={events.topic} --expiration-period=never --labels={LABEL}"
        ),
        check=subscriptions(deployment),
        there=function.subscription,
        update=gcloud(f"pubsub subscriptions update {pushed}"),
        retried=f"{NEW_API}|{CONFLICT}|{NEW_ACCOUNT}|{MAY_NOT_EXIST}",
        undo=gcloud(f"pubsub subscriptions delete {function.subscription}"),
    )


def giving_up_step(deployment: Deployment, function: Function) -> Step:
    """Pub/Sub itself takes what it gives up out of the subscription."""
    subscription = f"{function.subscription}"
    return grant(
        deployment, "pubsub subscriptions", subscription, role="roles/pubsub.subscriber", member=_PUBSUB_ITSELF
    )


def subscriptions(deployment: Deployment) -> Command:
    """Prints the name of each subscription on Usher's topics: one on another topic is somebody else's."""
    events = deployment.topology.events
    topics = " ".join(f"projects/{deployment.project}/topics/{t}" for t in (events.topic, events.dead_letter_topic))
    names = "pubsub subscriptions list --format='value(name.basename())'"
    return deployment.gcloud(names, f"--filter=topic=({topics})")
