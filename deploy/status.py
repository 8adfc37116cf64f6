"""The verb `status`: what is running, and what is waiting."""

import json
from argparse import Namespace
from dataclasses import asdict
from datetime import datetime
from typing import Any

import httpx

from blueprint.gcloud import Run, run_gcloud
from deploy.backlog import Backlog, read_backlog
from deploy.cloud import connected, question_lines
from deploy.deployment import Deployment
from deploy.history import Service, services_command, services_in
from deploy.losing import losing_faults, topics_command, topics_of_subscriptions
from deploy.script import bash, script

LOSING = 3


def status(
    arguments: Namespace,
    deployment: Deployment,
    *,
    run: Run = run_gcloud,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """Print it. Returns 3 where events are lost."""
    if arguments.dry_run:
        lines = [
            f"PROJECT={deployment.project}",
            bash(services_command(deployment)),
            "# Each subscription and its topic",
            bash(topics_command(deployment)),
            *question_lines(),
        ]
        print(script("Shows what is running and what is waiting.", lines))
        return 0
    services = [_shown(*service) for service in services_in(run(services_command(deployment), None)).items()]
    with connected(deployment, run, transport) as cloud:
        topics = topics_of_subscriptions(deployment, run)
        backlog = read_backlog(deployment, cloud, topics)
    faults = list(losing_faults(deployment, [service["name"] for service in services], topics))
    if arguments.format == "json":
        shown = {"services": services, "waiting": asdict(backlog), "faults": faults}
        print(json.dumps(shown, default=datetime.isoformat, indent=2))
    else:
        print("\n".join([_text(deployment, services, backlog), *(["Faults:", *faults] if faults else [])]))
    return LOSING if faults else 0


def _shown(name: str, one: Service) -> dict[str, Any]:
    return {"name": name, "url": one.url, "latest_ready_revision": one.newest, "traffic": one.traffic}


def _text(deployment: Deployment, services: list[dict[str, Any]], backlog: Backlog) -> str:
    lines = ["Services:" if services else f"Services: none in {deployment.region}"]
    for service in services:
        if not service["traffic"]:
            lines.append(f"  {service['name']}: no revision has started yet ({service['url']})")
            continue
        traffic = ", ".join(f"{percent} % {revision}" for revision, percent in service["traffic"].items())
        lines.append(f"  {service['name']}: {traffic} ({service['url']})")
        if service["latest_ready_revision"] not in service["traffic"]:
            fix = f"run services update-traffic {service['name']} --region={deployment.region} --to-latest"
            lines += [
                "    The newest revision gets no traffic. To send it all traffic:",
                f"    {bash(deployment.gcloud(fix))}",
            ]
    dead_letters = deployment.topology.events.dead_letter_subscription
    return "\n".join([*lines, "Waiting:", *backlog.lines(dead_letters)])
