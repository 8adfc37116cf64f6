"""Secret Manager."""

from base64 import b64decode, b64encode

from tests.deploy.fake_google.routing import Json, Request, already_exists, lists, not_found, route
from tests.deploy.fake_google.state import NUMBER, State

_SECRETS = "secretmanager.googleapis.com/v1/projects/{project}/secrets"


lists(_SECRETS, "secrets", lambda state: state.secrets)


@route("POST", _SECRETS)
def create_secret(state: State, request: Request) -> Json:
    own = request.query["secretId"]
    if own in state.secrets:
        raise already_exists(f"Secret [projects/{NUMBER}/secrets/{own}] already exists.")
    state.secrets[own] = {"name": f"projects/{NUMBER}/secrets/{own}", **request.body}
    state.versions[own] = []
    return state.secrets[own]


@route("DELETE", _SECRETS + "/{secret}")
def delete_secret(state: State, request: Request) -> Json:
    if not state.secrets.pop(request["secret"], None):
        raise not_found(request["secret"])
    state.policies.pop(f"projects/{state.project}/secrets/{request['secret']}", None)
    del state.versions[request["secret"]]
    return {}


@route("GET", _SECRETS + "/{secret}/versions")
def list_versions(state: State, request: Request) -> Json:
    own = request["secret"]
    if own not in state.versions:
        raise not_found(own)
    return {
        "versions": [
            _version(own, number, enabled=own not in state.disabled)
            for number in range(len(state.versions[own]), 0, -1)
        ]
    }


@route("POST", _SECRETS + "/{secret}:addVersion")
def add_version(state: State, request: Request) -> Json:
    state.versions[request["secret"]].append(b64decode(request.body["payload"]["data"]))
    return _version(request["secret"], len(state.versions[request["secret"]]))


@route("GET", _SECRETS + "/{secret}/versions/{version}:access")
def access_version(state: State, request: Request) -> Json:
    number = int(request["version"])
    payload = {"data": b64encode(state.versions[request["secret"]][number - 1]).decode()}
    return {"name": _version(request["secret"], number)["name"], "payload": payload}


def _version(secret: str, number: int, *, enabled: bool = True) -> Json:
    return {
        "name": f"projects/{NUMBER}/secrets/{secret}/versions/{number}",
        "state": "ENABLED" if enabled else "DISABLED",
        "createTime": f"2026-01-01T00:00:{number:02}Z",
        "clientSpecifiedPayloadChecksum": True,
    }
