"""Cloud Monitoring and Cloud Logging: alerts, who is told, dashboards, what is counted, and the counts."""

from datetime import UTC, datetime

from tests.deploy.fake_google.routing import ApiError, Json, Request, already_exists, lists, not_found, route
from tests.deploy.fake_google.state import State

_METRICS = "logging.googleapis.com/v2/projects/{project}/metrics"
_ETAG = "the-newest"


def _kept(state: State, kind: str) -> dict[str, Json]:
    return {"alertPolicies": state.alerts, "notificationChannels": state.channels, "dashboards": state.dashboards}[kind]


def _list(state: State, request: Request) -> Json:
    kind = request.path.rpartition("/")[2]
    return {kind: list(_kept(state, kind).values())}


def _create(state: State, request: Request) -> Json:
    """Under the name that is given, or a number."""
    kind = request.path.rpartition("/")[2]
    kept = _kept(state, kind)
    name = request.body.get("name", f"projects/{state.project}/{kind}/{len(kept) + 1}")
    if name in kept:
        raise already_exists(name)
    for channel in request.body.get("notificationChannels", []):
        _known(state, channel)
    kept[name] = {**request.body, "name": name, **({"etag": _ETAG} if kind == "dashboards" else {})}
    return kept[name]


def _replace(state: State, request: Request) -> Json:
    kind, name = request.path.rsplit("/", 2)[1], "projects/" + request.path.partition("/projects/")[2]
    if name not in _kept(state, kind):
        raise not_found(name)
    if kind == "dashboards" and request.body.get("etag") != _ETAG:
        raise ApiError(400, "INVALID_ARGUMENT", "Update Dashboard should specify a non empty etag.")
    for channel in request.body.get("notificationChannels", []):
        _known(state, channel)
    _kept(state, kind)[name] = {**request.body, "name": name}
    return _kept(state, kind)[name]


def _known(state: State, channel: str) -> None:
    """Those of other projects are not looked for."""
    if channel.startswith(f"projects/{state.project}/") and channel not in state.channels:
        raise ApiError(400, "INVALID_ARGUMENT", f'Notification channel "{channel}" does not exist.')


def _delete(state: State, request: Request) -> Json:
    kind, name = request.path.rsplit("/", 2)[1], request.path.partition("projects/")[2]
    if kind == "notificationChannels" and any(
        name in str(one["notificationChannels"]) for one in state.alerts.values()
    ):
        raise ApiError(400, "FAILED_PRECONDITION", "Cannot delete a notification channel that is in use.")
    if not _kept(state, kind).pop(f"projects/{name}", None):
        raise not_found(request["name"])
    return {}


for _kind, _api in (("alertPolicies", "v3"), ("notificationChannels", "v3"), ("dashboards", "v1")):
    _path = f"monitoring.googleapis.com/{_api}/projects/{{project}}/{_kind}"
    route("GET", _path)(_list)
    route("POST", _path)(_create)
    route("DELETE", _path + "/{name}")(_delete)
    route("PATCH", _path + "/{name}")(_replace)


lists(_METRICS, "metrics", lambda state: state.metrics)


@route("POST", _METRICS)
def create_metric(state: State, request: Request) -> Json:
    state.metrics[request.body["name"]] = request.body
    return request.body


@route("GET", _METRICS + "/{metric}")
def get_metric(state: State, request: Request) -> Json:
    if request["metric"] not in state.metrics:
        raise not_found(request["metric"])
    return state.metrics[request["metric"]]


@route("PUT", _METRICS + "/{metric}")
def replace_metric(state: State, request: Request) -> Json:
    state.metrics[request["metric"]] = request.body
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
