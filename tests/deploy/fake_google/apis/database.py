"""Firestore: the database, its fields' settings, and the outbox."""

import json

from tests.deploy.fake_google.routing import Json, Request, already_exists, lists, not_found, route
from tests.deploy.fake_google.state import State

_DATABASES = "firestore.googleapis.com/v1/projects/{project}/databases"
_GROUP = _DATABASES + "/{database}/collectionGroups/{group}/fields"


def _done(name: str, response: Json) -> Json:
    return {"name": f"{name}/operations/done", "done": True, "response": response}


lists(_DATABASES, "databases", lambda state: state.databases)


@route("POST", _DATABASES)
def create_database(state: State, request: Request) -> Json:
    own = request.query["databaseId"]
    if own in state.databases:
        raise already_exists("Database already exists. Please use another database_id")
    state.databases[own] = {"name": f"projects/{state.project}/databases/{own}", **request.body}
    return _done(state.databases[own]["name"], state.databases[own])


@route("DELETE", _DATABASES + "/{database}")
def delete_database(state: State, request: Request) -> Json:
    if not (database := state.databases.pop(request["database"], None)):
        raise not_found(request["database"])
    state.fields.clear()
    state.outbox.clear()
    return _done(database["name"], database)


@route("GET", _GROUP)
def list_fields(state: State, request: Request) -> Json:
    config = "ttlConfig" if "ttlConfig" in request.query["filter"] else "indexConfig"
    # "-" stands for all groups
    group = request["group"]
    return {"fields": [one for name, one in state.fields.items() if config in one and (group == "-" or group in name)]}


@route("PATCH", _GROUP + "/{field}")
def update_field(state: State, request: Request) -> Json:
    name = request.path.partition("/v1/")[2]
    field = {**state.fields.get(name, {}), "name": name}
    for config in request.query["updateMask"].split(","):
        field.pop(config, None)  # one that is not in the body is as if it had never been set
        if config in request.body:
            field[config] = {"state": "CREATING"} if config == "ttlConfig" else request.body[config]
    state.fields[name] = field
    return _done(name.partition("/collectionGroups")[0], field)


@route("POST", _DATABASES + "/{database}/documents:runAggregationQuery")
def count_outbox(state: State, request: Request) -> Json:
    if request["database"] not in state.databases:
        raise not_found(request["database"])
    [aggregation] = request.body["structuredAggregationQuery"]["aggregations"]
    counted = {aggregation["alias"]: {"integerValue": str(len(state.outbox))}}
    # Google streams such answers: JSON in a list
    return {"raw": json.dumps([{"result": {"aggregateFields": counted}}]).encode()}


@route("POST", _DATABASES + "/{database}/documents:runQuery")
def read_outbox(state: State, request: Request) -> Json:
    if request["database"] not in state.databases:
        raise not_found(request["database"])
    found: list[Json] = [{"document": {"createTime": time}} for time in state.outbox]
    # where nothing is found, Google says only when it looked
    return {"raw": json.dumps(found or [{"readTime": "2026-11-24T10:00:00Z"}]).encode()}


@route("GET", _GROUP + "/{field}")
def get_field(state: State, request: Request) -> Json:
    return state.fields[request.path.partition("/v1/")[2]]
