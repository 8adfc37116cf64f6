"""What the fake project holds. A copy of it is a saved state."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
NUMBER = "123456789012"


def _policy() -> Json:
    return {"version": 1, "bindings": [], "etag": "BwX="}


@dataclass
class State:
    """Resources by their names; policies by the name of the resource that they protect."""

    project: str
    apis: set[str] = field(default_factory=set)
    billing: bool = True
    milli_cpus: str = "20000"  # the quota in each region; a new project's
    accounts: dict[str, Json] = field(default_factory=dict)
    policies: defaultdict[str, Json] = field(default_factory=lambda: defaultdict(_policy))
    databases: dict[str, Json] = field(default_factory=dict)
    backup_schedules: dict[str, Json] = field(default_factory=dict)  # of the database, by their ids
    fields: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    versions: dict[str, list[bytes]] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)  # secrets without an enabled version
    topics: dict[str, Json] = field(default_factory=dict)
    subscriptions: dict[str, Json] = field(default_factory=dict)
    schemas: dict[str, list[Json]] = field(default_factory=dict)  # their revisions
    repositories: dict[str, Json] = field(default_factory=dict)
    buckets: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    builds: dict[str, Json] = field(default_factory=dict)
    does_not_start: str = ""  # what Cloud Run says of new revisions
    services: dict[str, Json] = field(default_factory=dict)
    revisions: set[str] = field(default_factory=set)  # of all services
    jobs: dict[str, Json] = field(default_factory=dict)
    metrics: dict[str, Json] = field(default_factory=dict)
    alerts: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, Json] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)  # in the repository of images
    undelivered: dict[str, int] = field(default_factory=dict)  # as Cloud Monitoring counts them, by subscription
    outbox: list[str] = field(default_factory=list)  # when its events occurred

    def members(self, resource: str, role: str) -> set[str]:
        """Who has the role on the resource."""
        bindings = self.policies[resource]["bindings"] if resource in self.policies else []
        return {member for binding in bindings if binding["role"] == role for member in binding["members"]}
