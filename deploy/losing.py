"""Subscriptions that are missing or on another topic: what is published meanwhile never reaches them."""

from collections.abc import Collection, Iterator, Mapping

from blueprint.gcloud import Command, Run
from deploy.deployment import Deployment, service
from deploy.script import bash

_DELETED = "_deleted-topic_"  # what Pub/Sub calls the topic of a subscription whose topic was deleted


def topics_command(deployment: Deployment) -> Command:
    """Prints a line for each subscription in the project: its name, a comma, and the name of its topic."""
    return deployment.gcloud("pubsub subscriptions list --format='csv[no-heading](name.basename(),topic.basename())'")


def topics_of_subscriptions(deployment: Deployment, run: Run) -> dict[str, str]:
    """Of each subscription in the project, by its name."""
    return dict(line.split(",") for line in run(topics_command(deployment), None).splitlines())


def losing_faults(deployment: Deployment, services: Collection[str], topics: Mapping[str, str]) -> Iterator[str]:
    """What events are lost by, where `services` are running and `topics` are those of the subscriptions."""
    if not services:
        return
    events = deployment.topology.events
    expected = {events.dead_letter_subscription: events.dead_letter_topic}
    for name, function in deployment.topology.subscribers().items():
        if not function.optional or service(name) in services:
            expected[f"{function.subscription}"] = events.topic
    for name, topic in expected.items():
        found = topics.get(name)
        if found is None:
            yield (
                f"The topic {topic} has no subscription {name}: events published now are lost to it. "
                "Run up again: it creates the subscription."
            )
        elif found != topic:
            there = "a topic that was deleted" if found == _DELETED else f"the topic {found}"
            yield (
                f"The subscription {name} is on {there}, not on {topic}: events published now are lost to it. "
                "Delete it, with the events waiting in it, and run up again:\n"
                f"{bash(deployment.gcloud(f'pubsub subscriptions delete {name}'))}"
            )
