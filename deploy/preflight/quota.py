"""Cloud Run's quota in the region, against all functions at their most instances."""

from collections.abc import Iterator
from typing import Any

from blueprint.topology import Function
from deploy.deployment import Deployment
from deploy.preflight.finding import Finding
from deploy.preflight.questions import Answer

_GIB = 2**30
# Of a new project: https://cloud.google.com/run/quotas. In thousandths of a vCPU, and in bytes, as Google counts them.
NEW_PROJECT = {"cpu_allocation": 20_000, "mem_allocation": 40 * _GIB}
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": _GIB}
_WORDS = {"cpu_allocation": (1000, "vCPU"), "mem_allocation": (_GIB, "GiB")}


def quota_findings(deployment: Deployment, quotas: Answer) -> Iterator[Finding]:
    """Each function stays below the quota by itself, or it is not deployed; all together, or some do not start."""
    limits = {
        name: limit
        for metric in quotas.items
        if (name := metric["metric"].rpartition("/")[2]) in NEW_PROJECT
        and (limit := _limit(metric, deployment.region)) is not None
    }
    assumed = "" if "cpu_allocation" in limits else " (assumed: reading it takes serviceusage.quotas.get)"
    for name, new_project in NEW_PROJECT.items():
        limit, needed = limits.get(name, new_project), needs(deployment, name)
        if 0 <= limit < needed:  # -1 means unlimited
            unit, word = _WORDS[name]
            function, instances = _to_lower(deployment, name, needed - limit)
            lower = (
                f"In topology.toml, set max_instances = {instances} for {function}, or request"
                if instances
                else "Request"
            )
            yield Finding(
                f"All functions at their max_instances need {needed / unit:g} {word} of Cloud Run; the quota in"
                f" {deployment.region} is {limit / unit:g}{assumed}. {lower} more:"
                f" https://console.cloud.google.com/iam-admin/quotas?project={deployment.project}"
            )
    if assumed:
        yield Finding(
            f"The quota of Cloud Run in {deployment.region} could not be read: taken as a new project's, 20 vCPU",
            stops=False,
        )


def needs(deployment: Deployment, metric: str) -> int:
    """What all functions take at their most instances."""
    return sum(function.max_instances * _size(function, metric) for function in deployment.functions().values())


def _to_lower(deployment: Deployment, metric: str, excess: int) -> tuple[str, int]:
    """The function that takes most, and the instances that are left to it, if any."""
    functions = deployment.functions()
    name = max(functions, key=lambda name: functions[name].max_instances * _size(functions[name], metric))
    fewer = -(-excess // _size(functions[name], metric))
    return name, max(functions[name].max_instances - fewer, 0)


def _size(function: Function, metric: str) -> int:
    """Of an instance."""
    if metric == "cpu_allocation":
        return function.cpu * 1000
    return int(function.memory[:-2]) * _UNITS[function.memory[-2:]]


def _limit(metric: dict[str, Any], region: str) -> int | None:
    """The region's own, or what holds for each region: buckets come from the least specific to the most."""
    buckets = [bucket for limit in metric.get("consumerQuotaLimits", []) for bucket in limit.get("quotaBuckets", [])]
    known = [
        int(bucket["effectiveLimit"])
        for bucket in buckets
        if bucket.get("dimensions", {}).get("region", region) == region and "effectiveLimit" in bucket
    ]
    return known[-1] if known else None
