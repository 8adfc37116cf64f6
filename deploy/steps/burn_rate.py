"""
How fast an objective's error budget is spent, as conditions in PromQL.

Two windows each, as https://sre.google/workbook/alerting-on-slos/ has them: the long one says that it matters, the
short one that it goes on. 2% of a month's budget are spent in the fast hour, 5% in the slow six.
"""

from blueprint.topology import Trigger
from deploy.deployment import Deployment, service
from deploy.steps.metrics import MAILS, MAILS_LATE
from deploy.steps.promql import log_metric, run_metric

SIGN_UP_OBJECTIVE = 0.999
MAIL_OBJECTIVE = 0.99
_FAST, _SLOW = (14.4, "1h", "5m"), (6.0, "6h", "30m")
# Where little goes on, one or two failures are a large share.
_MORE_THAN = 2


def sign_ups_burn(deployment: Deployment) -> str:
    """Sign-ups answered with 5xx, among all."""
    entrances = "|".join(service(name) for name, f in deployment.functions().items() if f.trigger is Trigger.HTTP)
    failed = run_metric("request_count", entrances, response_code_class="5xx")
    return _burning(failed, run_metric("request_count", entrances), budget=1 - SIGN_UP_OBJECTIVE)


def mails_burn() -> str:
    """Mails that a minute was not enough for, among all."""
    return _burning(log_metric(MAILS_LATE), log_metric(MAILS), budget=1 - MAIL_OBJECTIVE)


def _burning(bad: str, total: str, *, budget: float) -> str:
    """A series while either speed is reached."""

    def counted(metric: str, window: str) -> str:
        return f"sum(increase({metric}[{window}]))"

    def spent(window: str, speed: float) -> str:
        return f"{counted(bad, window)} / {counted(total, window)} > {speed * budget:.4g}"

    return " or ".join(
        f"({spent(long, speed)} and {spent(short, speed)} and {counted(bad, long)} > {_MORE_THAN})"
        for speed, long, short in (_FAST, _SLOW)
    )
