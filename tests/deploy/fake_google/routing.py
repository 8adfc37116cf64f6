"""How the fake's APIs are written: a function for each call, found by method, host and path."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.deploy.fake_google.state import NUMBER, State

Json = dict[str, Any]
# APIs that are off in a new project: those that the deployment uses, and that of Firebase.
TO_BE_ENABLED = {
    f"{api}.googleapis.com"
    for api in ("run", "cloudbuild", "artifactregistry", "firestore", "pubsub", "secretmanager", "cloudscheduler")
}
FIREBASE = "firebase.googleapis.com"


class ApiError(Exception):
    """An answer that is not a success, as Google words it."""

    def __init__(self, code: int, status: str, message: str, *details: "Json") -> None:
        super().__init__(message)
        self.code = code
        self.body: Json = {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


def not_found(what: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"Resource not found (resource={what}).")


def already_exists(sentence: str) -> ApiError:
    """`sentence` is the API's own."""
    return ApiError(409, "ALREADY_EXISTS", sentence)


@dataclass(frozen=True)
class Request:
    """One call as gcloud made it. `params` are the named parts of the path."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    content: bytes
    params: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.params[name]

    @property
    def body(self) -> Json:
        parsed: Json = json.loads(self.content or b"{}")
        return parsed


Handler = Callable[[State, Request], Json]
_routes: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """`template` is host and path; `{name}` in it is a part of the path, `{name*}` may hold slashes."""
    pattern = re.sub(r"\\{(\w+)\\\*\\}", r"(?P<\1>.+?)", re.escape(template).replace("\\{", "\\{"))
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/:]+)", pattern)

    def register(handler: Handler) -> Handler:
        _routes.append((method, re.compile(pattern), handler))
        return handler

    return register


def lists(template: str, key: str, held: Callable[[State], Mapping[str, Json]]) -> None:
    """GET answers with all that the state holds of a kind."""
    route("GET", template)(lambda state, _request: {key: list(held(state).values())})


def answer(state: State, request: Request) -> tuple[int, Json] | None:
    """Code and body of what the fake knows."""
    if not (found := find(request)):
        return None
    handler, params = found
    try:
        _refuse_unless_enabled(state, request.host)
        return 200, handler(state, Request(**{**vars(request), "params": params}))
    except ApiError as error:
        return error.code, error.body


def _refuse_unless_enabled(state: State, host: str) -> None:
    api = host.rpartition("-")[2]  # behind the region, where it has one
    if api in (TO_BE_ENABLED | {FIREBASE}) - state.apis:
        raise ApiError(
            403,
            "PERMISSION_DENIED",
            f"{api} API has not been used in project {NUMBER} before or it is disabled. Enable it by visiting"
            f" https://console.developers.google.com/apis/api/{api}/overview?project={NUMBER} then retry.",
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": api, "consumer": f"projects/{NUMBER}"},
            },
        )


def find(request: Request) -> tuple[Handler, Mapping[str, str]] | None:
    for method, pattern, handler in _routes:
        if method == request.method and (match := pattern.fullmatch(request.host + request.path)):
            return handler, match.groupdict()
    return None
