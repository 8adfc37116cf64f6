"""Pub/Sub's schemas and their revisions."""

from tests.deploy.fake_google.routing import Json, Request, already_exists, not_found, route
from tests.deploy.fake_google.state import State

_SCHEMAS = "pubsub.googleapis.com/v1/projects/{project}/schemas"


@route("GET", _SCHEMAS)
def list_schemas(state: State, _request: Request) -> Json:
    return {"schemas": [revisions[-1] for revisions in state.schemas.values()]}


@route("POST", _SCHEMAS)
def create_schema(state: State, request: Request) -> Json:
    own = request.query["schemaId"]
    if own in state.schemas:
        raise already_exists(f"Resource already exists in the project (resource={own}).")
    state.schemas[own] = []
    return _commit(state, own, request.body)


@route("POST", _SCHEMAS + "/{schema}:commit")
def commit_revision(state: State, request: Request) -> Json:
    return _commit(state, request["schema"], request.body["schema"])


@route("GET", _SCHEMAS + "/{schema}")
def get_schema(state: State, request: Request) -> Json:
    if request["schema"] not in state.schemas:
        raise not_found(request["schema"])
    return state.schemas[request["schema"]][-1]


@route("DELETE", _SCHEMAS + "/{schema}")
def delete_schema(state: State, request: Request) -> Json:
    if not state.schemas.pop(request["schema"], None):
        raise not_found(request["schema"])
    return {}


def _commit(state: State, own: str, schema: Json) -> Json:
    revisions = state.schemas[own]
    revisions.append(
        {
            "name": f"projects/{state.project}/schemas/{own}",
            "type": schema["type"],
            "definition": schema["definition"],
            "revisionId": f"{len(revisions) + 1:08}",
        }
    )
    return revisions[-1]
