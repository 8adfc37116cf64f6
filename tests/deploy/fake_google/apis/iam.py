"""IAM: service accounts, and the policies of all resources that have one."""

import re

from tests.deploy.fake_google.routing import ApiError, Json, Request, already_exists, lists, not_found, route
from tests.deploy.fake_google.state import State

_ACCOUNTS = "iam.googleapis.com/v1/projects/{project}/serviceAccounts"


lists(_ACCOUNTS, "accounts", lambda state: state.accounts)


@route("POST", _ACCOUNTS)
def create_account(state: State, request: Request) -> Json:
    email = f"{request.body['accountId']}@{state.project}.iam.gserviceaccount.com"
    if email in state.accounts:
        raise already_exists(
            f"Service account {request.body['accountId']} already exists within project projects/{state.project}."
        )
    name = f"projects/{state.project}/serviceAccounts/{email}"
    state.accounts[email] = {"name": name, "email": email, **request.body["serviceAccount"]}
    return state.accounts[email]


@route("GET", _ACCOUNTS + "/{email}")
def get_account(state: State, request: Request) -> Json:
    if request["email"] not in state.accounts:
        raise not_found(request["email"])
    return state.accounts[request["email"]]


@route("DELETE", _ACCOUNTS + "/{email}")
def delete_account(state: State, request: Request) -> Json:
    if not state.accounts.pop(request["email"], None):
        raise ApiError(404, "NOT_FOUND", f"Unknown service account {request['email']}")
    state.policies.pop(f"projects/{state.project}/serviceAccounts/{request['email']}", None)
    return {}


def get_policy(state: State, request: Request) -> Json:
    return state.policies[_resource(state, request)]


def set_policy(state: State, request: Request) -> Json:
    policy = request.body["policy"]
    for member in {member for binding in policy.get("bindings", []) for member in binding["members"]}:
        email = re.sub("^serviceAccount:", "", member)
        if email != member and email not in state.accounts:
            raise ApiError(400, "INVALID_ARGUMENT", f"Service account {email} does not exist.")
    state.policies[_resource(state, request)] = {"bindings": [], **policy, "etag": "BwX="}
    return state.policies[_resource(state, request)]


def _resource(state: State, request: Request) -> str:
    name = request["resource"]
    held = {
        "topics": state.topics,
        "subscriptions": state.subscriptions,
        "secrets": state.secrets,
        "serviceAccounts": state.accounts,
    }
    kind, _, own = name.rpartition("/")
    if name != state.project and own not in held.get(kind.rpartition("/")[2], state.services):
        raise not_found(name)
    return name


for _host, _resources in (
    ("cloudresourcemanager.googleapis.com/v1", ["projects/{resource}"]),
    ("pubsub.googleapis.com/v1", ["{resource*}"]),
    ("secretmanager.googleapis.com/v1", ["{resource*}"]),
    ("run.googleapis.com/v1", ["{resource*}"]),
    ("iam.googleapis.com/v1", ["{resource*}"]),
):
    for _template in _resources:
        for _method in ("GET", "POST"):
            route(_method, f"{_host}/{_template}:getIamPolicy")(get_policy)
        route("POST", f"{_host}/{_template}:setIamPolicy")(set_policy)
