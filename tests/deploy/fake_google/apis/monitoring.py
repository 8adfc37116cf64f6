"""Cloud Monitoring and Cloud Logging: alerts, what is counted, and the counts."""

from datetime import UTC, datetime

from tests.deploy.fake_google.routing import Json, Request, lists, not_found, route
from tests.deploy.fake_google.state import State

_ALERTS = "monitoring.googleapis.com/v3/projects/{project}/alertPolicies"
_METRICS = "logging.googleapis.com/v2/projects/{project}/metrics"


lists(_ALERTS, "alertPolicies", lambda state: state.alerts)


@route("POST", _ALERTS)
def create_alert(state: State, request: Request) -> Json:
    name = f"projects/{state.project}/alertPolicies/{len(state.alerts) + 1}"
    state.alerts[name] = {**request.body, "name": name}
    return state.alerts[name]


@route("DELETE", _ALERTS + "/{alert}")
def delete_alert(state: State, request: Request) -> Json:
    del state.alerts[f"projects/{state.project}/alertPolicies/{request['alert']}"]
    return {}


lists(_METRICS, "metrics", lambda state: state.metrics)


@route("POST", _METRICS)
def create_metric(state: State, request: Request) -> Json:
    state.metrics[request.body["name"]] = request.body
    return request.body


@route("DELETE", _METRICS + "/{metric}")
def delete_metric(state: State, request: Request) -> Json:
    if not state.metrics.pop(request["metric"], None):
        raise not_found(request["metric"])
    return {}


@route("GET", "monitoring.googleapis.com/v3/projects/{project}/timeSeries")
def time_series(state: State, _request: Request) -> Json:
    interval = {"endTime": datetime.now(UTC).isoformat()}
    return {
        "timeSeries": [
            {
                "resource": {"labels": {"subscription_id": name}},
                "points": [{"interval": interval, "value": {"int64Value": str(state.undelivered[name])}}],
            }
            for name in state.subscriptions
            if name in state.undelivered
        ]
    }
