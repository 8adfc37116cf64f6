"""How PromQL names Cloud Monitoring's metrics: https://cloud.google.com/monitoring/promql/promql-mapping."""

import re


def run_metric(metric: str, services: str, **labels: str) -> str:
    """One of Cloud Run's, of these services. In the values of labels, a vertical bar stands for "or"."""
    return _named(f"run.googleapis.com/{metric}", _RUN | {"service_name": services} | labels)


def log_metric(metric: str, **labels: str) -> str:
    """One that is counted from the functions' log lines."""
    return _named(f"logging.googleapis.com/user/{metric}", _RUN | labels)


def subscription_metric(metric: str, subscriptions: str) -> str:
    return _named(f"pubsub.googleapis.com/subscription/{metric}", {"subscription_id": subscriptions})


def quantile(share: float, distribution: str) -> str:
    """Of a distribution's metric, over five minutes."""
    buckets = distribution.replace("{", "_bucket{", 1)
    return f"histogram_quantile({share}, sum by (le) (rate({buckets}[5m])))"


_RUN = {"monitored_resource": "cloud_run_revision"}


def _named(metric: str, labels: dict[str, str]) -> str:
    domain, _, path = re.sub(r"[^\w/]", "_", metric).partition("/")
    chosen = ",".join(f'{label}{"=~" if "|" in value else "="}"{value}"' for label, value in labels.items())
    return f"{domain}:{path.replace('/', '_')}{{{chosen}}}"
