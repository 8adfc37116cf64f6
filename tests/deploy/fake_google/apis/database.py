"""Firestore: the database and its backup schedules, its fields' settings, and the outbox."""

import json

from tests.deploy.fake_google.routing import ApiError, Json, Request, already_exists, lists, not_found, route
from tests.deploy.fake_google.state import State

_DATABASES = "firestore.googleapis.com/v1/projects/{project}/databases"
_GROUP = _DATABASES + "/{database}/collectionGroups/{group}/fields"
_SCHEDULES = _DATABASES + "/{database}/backupSchedules"


def _done(name: str, response: Json) -> Json:
    return {"name": f"{name}/operations/done", "done": True, "response": response}


def _database(state: State, request: Request) -> Json:
    if request["database"] not in state.databases:
        raise not_found(request["database"])
    return state.databases[request["database"]]


lists(_DATABASES, "databases", lambda state: state.databases)


@route("POST", _DATABASES)
def create_database(state: State, request: Request) -> Json:
    own = request.query["databaseId"]
    if own in state.databases:
        raise already_exists("Database already exists. Please use another database_id")
    state.databases[own] = {"name": f"projects/{state.project}/databases/{own}", **request.body}
    return _done(state.databases[own]["name"], state.databases[own])


@route("PATCH", _DATABASES + "/{database}")
def update_database(state: State, request: Request) -> Json:
    database = _database(state, request)
    database |= {name: request.body[name] for name in request.query["updateMask"].split(",")}
    return _done(database["name"], database)


@route("DELETE", _DATABASES + "/{database}")
def delete_database(state: State, request: Request) -> Json:
    database = _database(state, request)
    if database.get("deleteProtectionState") == "DELETE_PROTECTION_ENABLED":
        raise ApiError(400, "FAILED_PRECONDITION", "Delete protection is enabled for the database.")
    del state.databases[request["database"]]
    state.fields.clear()
    state.outbox.clear()
    return _done(database["name"], database)


@route("GET", _SCHEDULES)
def list_schedules(state: State, request: Request) -> Json:
    _database(state, request)
    return {"backupSchedules": list(state.backup_schedules.values())}


@route("POST", _SCHEDULES)
def create_schedule(state: State, request: Request) -> Json:
    own = "daily" if "dailyRecurrence" in request.body else "weekly"
    if own in state.backup_schedules:
        raise already_exists(own)
    name = f"{_database(state, request)['name']}/backupSchedules/{own}"
    state.backup_schedules[own] = {"name": name, **request.body}
    return state.backup_schedules[own]


@route("DELETE", _SCHEDULES + "/{schedule}")
def delete_schedule(state: State, request: Request) -> Json:
    if not state.backup_schedules.pop(request["schedule"], None):
        raise not_found(request["schedule"])
    return {}


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
    _database(state, request)
    [aggregation] = request.body["structuredAggregationQuery"]["aggregations"]
    counted = {aggregation["alias"]: {"integerValue": str(len(state.outbox))}}
    # Google streams such answers: JSON in a list
    return {"raw": json.dumps([{"result": {"aggregateFields": counted}}]).encode()}


@route("POST", _DATABASES + "/{database}/documents:runQuery")
def read_outbox(state: State, request: Request) -> Json:
    _database(state, request)
    found: list[Json] = [{"document": {"createTime": time}} for time in state.outbox]
    # where nothing is found, Google says only when it looked
    return {"raw": json.dumps(found or [{"readTime": "2026-11-24T10:00:00Z"}]).encode()}


@route("GET", _GROUP + "/{field}")
def get_field(state: State, request: Request) -> Json:
    return state.fields[request.path.partition("/v1/")[2]]
