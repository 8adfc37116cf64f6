"""The verb `rollback`: puts back, together, the revisions that the last `up` replaced."""

from argparse import Namespace
from collections.abc import Iterator
from shlex import quote

from blueprint.gcloud import Command, Run, run_gcloud
from deploy.deployment import Deployment, service
from deploy.history import History, Service, read_history, read_services, write_history
from deploy.script import bash, script
from deploy.step import Step
from deploy.steps.revisions import CANARY
from deploy.walk import Walk

NOTHING_TO_PUT_BACK = 1


def rollback(arguments: Namespace, deployment: Deployment, *, run: Run = run_gcloud) -> int:
    """Shift traffic and change nothing else. Returns 1 where there is nothing to put back."""
    if arguments.dry_run:
        print(script("Puts back the revisions that the last up replaced.", _lines(deployment)))
        return 0
    services = read_services(deployment, run)
    if not services:
        print(_not_here(deployment))
        return NOTHING_TO_PUT_BACK
    history = read_history(deployment, run)
    goal = history.goal(services)
    if not goal:
        print("There is nothing to put back: no `up` has replaced a revision here.")
        return NOTHING_TO_PUT_BACK
    # First of all: one that is stopped goes on with the same goal, and what follows an `up` in vain is still that.
    write_history(deployment, run, History(goal, goal), replacing=history)
    steps = [
        Step(f"Send all traffic of {name} to {goal[name]}", _shift(deployment, name, goal[name]))
        for name in _entrance_first(deployment)
        if name in goal and name in services and not _serves_alone(services[name], goal[name])
    ]
    Walk(run).up(steps)
    print("The previous revisions are back." if steps else "The previous revisions already get all traffic.")
    print("They keep it until the next `up`. Settings, subscriptions and data are as they were.")
    return 0


def _not_here(deployment: Deployment) -> str:
    return f"There is nothing to put back: no service of Usher runs in {deployment.region}."


def _serves_alone(found: Service, revision: str) -> bool:
    """No other revision gets traffic, and none can be reached where it was tried out."""
    return found.traffic == {revision: 100} and CANARY not in found.tags


def _entrance_first(deployment: Deployment) -> list[str]:
    """No new event may meet an old subscriber, so what makes events goes back first."""
    return [service(name) for name in sorted(deployment.functions(), key=lambda name: name != deployment.entrance)]


def _shift(deployment: Deployment, name: str, revision: str) -> Command:
    place = f"{name} --region={deployment.region} --remove-tags={CANARY} --format=none"
    return deployment.gcloud(f"run services update-traffic {place}", f"--to-revisions={revision}=100")


def _lines(deployment: Deployment) -> Iterator[str]:
    """The same in Bash."""
    topic, names = deployment.topology.events.topic, " ".join(_entrance_first(deployment))
    kept = deployment.gcloud(f"pubsub topics describe {topic}", "--format=value(labels.${1})")
    newest = deployment.gcloud(
        f"run services list --region={deployment.region} --format='value(status.latestReadyRevisionName)'",
        "--filter=metadata.name=${1}",
    )
    for function, command in (("kept", kept), ("newest", newest)):
        yield from (f"{function}() {{", f"    {bash(command)}", "}")
    yield "# After an up that was stopped, what ran before it is what the last whole one has left."
    yield "when=before there="
    yield f"for name in {names}; do"
    yield '    latest=$(newest "$name")'
    yield "    [[ -n $latest ]] || continue"
    yield '    there+=" $name"'
    yield '    [[ $latest == $(kept "now_$name") ]] || when=now'
    yield "done"
    yield f"[[ -n $there ]] || {{ echo {quote(_not_here(deployment))} >&2; exit {NOTHING_TO_PUT_BACK}; }}"
    yield "labels=app=usher"
    yield "for name in $there; do"
    yield '    revision=$(kept "${when}_$name")'
    yield '    [[ -z $revision ]] || labels+=",now_$name=$revision,before_$name=$revision"'
    yield "done"
    yield bash(deployment.gcloud(f"pubsub topics update {topic}", "--update-labels=${labels}"))
    yield "for name in $there; do"
    yield '    revision=$(kept "before_$name")'
    yield f"    [[ -z $revision ]] || {bash(_shift(deployment, '${name}', '${revision}'))}"
    yield "done"
