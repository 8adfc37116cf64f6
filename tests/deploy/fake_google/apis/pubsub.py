"""Pub/Sub: topics and subscriptions."""

from tests.deploy.fake_google.routing import Json, Request, already_exists, not_found, route
from tests.deploy.fake_google.state import State

_PROJECT = "pubsub.googleapis.com/v1/projects/{project}"


def _kept(state: State, kind: str) -> dict[str, Json]:
    return state.topics if kind == "topics" else state.subscriptions


def _create(state: State, request: Request) -> Json:
    kind, own = request.path.rsplit("/", 2)[1:]
    if own in _kept(state, kind):
        raise already_exists(f"Resource already exists in the project (resource={own}).")
    _kept(state, kind)[own] = {**request.body, "name": f"projects/{state.project}/{kind}/{own}"}
    return _kept(state, kind)[own]


def _list(state: State, request: Request) -> Json:
    kind = request.path.rpartition("/")[2]
    return {kind: list(_kept(state, kind).values())}


def _delete(state: State, request: Request) -> Json:
    kind, own = request.path.rsplit("/", 2)[1:]
    if not (gone := _kept(state, kind).pop(own, None)):
        raise not_found(own)
    state.policies.pop(gone["name"], None)
    return {}


def _update(state: State, request: Request) -> Json:
    kind, own = request.path.rsplit("/", 2)[1:]
    if own not in _kept(state, kind):
        raise not_found(own)
    changed = request.body[kind.removesuffix("s")]
    names = request.body["updateMask"].split(",")
    _kept(state, kind)[own].update({name: changed[name] for name in names})
    return _kept(state, kind)[own]


for _kind in ("topics", "subscriptions"):
    route("GET", f"{_PROJECT}/{_kind}")(_list)
    route("PUT", f"{_PROJECT}/{_kind}/{{name}}")(_create)
    route("DELETE", f"{_PROJECT}/{_kind}/{{name}}")(_delete)
    route("PATCH", f"{_PROJECT}/{_kind}/{{name}}")(_update)


@route("GET", _PROJECT + "/topics/{name}")
def get_topic(state: State, request: Request) -> Json:
    if request["name"] not in state.topics:
        raise not_found(request["name"])
    return state.topics[request["name"]]
