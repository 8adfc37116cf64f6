"""Whose is what has a name of Usher's, and where else is Usher: nobody else's things are changed or deleted."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from shlex import join
from typing import Any

from deploy.deployment import LABEL, Deployment, service
from deploy.preflight.questions import Answer
from deploy.steps.schemas import contracts
from deploy.steps.turned_off import turned_off_steps

Thing = Mapping[str, Any]


@dataclass(frozen=True)
class _Kind:
    """
    Things that Usher knows by fixed names.

    Attributes:
        answer: Where they are.
        fault: Why one is not Usher's, or nothing. It is given the thing and its name.
        show, claim: The gcloud commands that show one, and that make it Usher's where that can be said of it.
    """

    answer: str
    noun: str
    names: list[str]
    fault: Callable[[Thing, str], str]
    show: str
    claim: str = ""


def strangers(deployment: Deployment, answers: Mapping[str, Answer], *, taking_away: bool = False) -> Iterator[str]:
    """
    Of each thing that has a name of Usher's and is not Usher's, the command that shows it.

    A subscription on another topic cannot become Usher's, whoever made it. `down` deletes it if it has Usher's label.
    """
    for kind in _kinds(deployment):
        for thing in answers[kind.answer].items:
            name, place = _name(thing), region_of(thing)
            if name not in kind.names or place not in {"", deployment.region}:
                continue
            if (fault := kind.fault(thing, name)) and not (taking_away and _is_labelled(thing)):
                show = join(deployment.gcloud(kind.show.format(name=name, region=place)))
                claim = kind.claim and join(deployment.gcloud(kind.claim.format(name=name, region=place)))
                yield "\n".join(
                    [
                        f"The {kind.noun} {name} {fault}. Look at it, then delete it or use another project:",
                        f"  {show}",
                        *(["If it is Usher's, say so:", f"  {claim}"] if claim else []),
                    ]
                )


def left_behind(deployment: Deployment, answers: Mapping[str, Answer]) -> Iterator[str]:
    """Optional functions without settings that still receive events: their step would refuse to go on."""
    topic = f"/topics/{deployment.topology.events.topic}"
    receiving = {_name(one) for one in answers["subscriptions"].items if one["topic"].endswith(topic)}
    yield from (step.refusal for step in turned_off_steps(deployment) if step.there in receiving)


def elsewhere(deployment: Deployment, answers: Mapping[str, Answer]) -> Iterator[str]:
    """Usher in another region. A project holds one: its topics, subscriptions and accounts have no region."""
    found = _by_region(deployment, answers)
    here = found.pop(deployment.region, None)
    for place, things in sorted(found.items()):
        named = f"Usher is in {place} ({', '.join(name for name, _ in things)})"
        if here:
            commands = [f"  {command}" for _, command in things]
            yield "\n".join([f"{named} as well as here, and a project holds one. Delete it there first:", *commands])
        else:
            yield (
                f"{named}, not in {deployment.region}, and a project holds one."
                f" Use --region {place}; to move it, run `down` there first: users and secrets are kept."
            )


def is_here(deployment: Deployment, answers: Mapping[str, Answer]) -> bool:
    return deployment.region in _by_region(deployment, answers)


def _by_region(deployment: Deployment, answers: Mapping[str, Answer]) -> dict[str, list[tuple[str, str]]]:
    """What is Usher's and has a region: each with the command that deletes it."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind in _kinds(deployment):
        for thing in answers[kind.answer].items:
            if (place := region_of(thing)) and _name(thing) in kind.names and not kind.fault(thing, _name(thing)):
                delete = kind.show.replace("describe", "delete").format(name=_name(thing), region=place)
                found[place].append((f"{kind.noun} {_name(thing)}", join(deployment.gcloud(delete))))
    return found


def _kinds(deployment: Deployment) -> list[_Kind]:
    functions, events = deployment.functions(), deployment.topology.events
    services = [service(name) for name in functions]
    topics = {f.subscription: events.topic for f in functions.values() if f.subscription}
    topics[events.dead_letter_subscription] = events.dead_letter_topic

    def unlabelled(thing: Thing, _name: str) -> str:
        return "" if _is_labelled(thing) else f"is not Usher's: it has no label {LABEL}"

    def on_another_topic(thing: Thing, name: str) -> str:
        topic = thing["topic"].removeprefix(f"projects/{deployment.project}/topics/")
        return "" if topic == topics[name] else f"is on the topic {topic}, not on {topics[name]}, and cannot be moved"

    def called_by_another(thing: Thing, _name: str) -> str:
        caller = thing.get("httpTarget", {}).get("oidcToken", {}).get("serviceAccountEmail")
        return "" if caller == deployment.account("invoker") else "is not Usher's: it does not call as usher-invoker"

    def without_our_line(thing: Thing, name: str) -> str:
        ours = f"// The event `{name}`"
        return "" if thing.get("definition", "").startswith(ours) else f"is not Usher's: it does not begin with {ours}"

    return [
        _Kind(
            *("services", "service", services, unlabelled, "run services describe {name} --region={region}"),
            claim=f"run services update {{name}} --region={{region}} --update-labels={LABEL}",
        ),
        _Kind(
            *("topics", "topic", [events.topic, events.dead_letter_topic], unlabelled, "pubsub topics describe {name}"),
            claim=f"pubsub topics update {{name}} --update-labels={LABEL}",
        ),
        _Kind(
            *("subscriptions", "subscription", list(topics), on_another_topic, "pubsub subscriptions describe {name}")
        ),
        _Kind(*("schemas", "schema", list(contracts()), without_our_line, "pubsub schemas describe {name}")),
        _Kind("jobs", "job", services, called_by_another, "scheduler jobs describe {name} --location={region}"),
    ]


def _is_labelled(thing: Thing) -> bool:
    key, _, value = LABEL.partition("=")
    labels: Mapping[str, str] = thing.get("metadata", thing).get("labels", {})
    return labels.get(key) == value


def _name(thing: Thing) -> str:
    """A Knative service's is in its metadata; others have the path of their resource."""
    return str(thing["metadata"]["name"] if "metadata" in thing else thing["name"].rpartition("/")[2])


def region_of(thing: Thing) -> str:
    """None for what has no region."""
    if "metadata" in thing:
        return str(thing["metadata"].get("labels", {}).get("cloud.googleapis.com/location", ""))
    place = thing["name"].split("/")
    return place[3] if place[2] == "locations" else ""
