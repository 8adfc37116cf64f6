"""Service Usage, Resource Manager, Billing and Firebase: the project, which APIs are on, and what it may take."""

from tests.deploy.fake_google.routing import ApiError, Json, Request, route
from tests.deploy.fake_google.state import NUMBER, State


@route("POST", "serviceusage.googleapis.com/v1/projects/{project}/services:batchEnable")
def enable(state: State, request: Request) -> Json:
    state.apis.update(request.body["serviceIds"])
    return {"name": "operations/acat.enabled", "done": True, "response": {}}


@route("GET", "serviceusage.googleapis.com/v1/projects/{project}/services/{api}")
def get_api(state: State, request: Request) -> Json:
    api = request["api"]
    return {
        "name": f"projects/{NUMBER}/services/{api}",
        "state": "ENABLED" if api in state.apis else "DISABLED",
        "config": {"name": api},
    }


@route("POST", "serviceusage.googleapis.com/v1beta1/projects/{project}/services/{api}:generateServiceIdentity")
def generate_identity(state: State, request: Request) -> Json:
    email = f"service-{NUMBER}@gcp-sa-{request['api'].partition('.')[0]}.iam.gserviceaccount.com"
    state.accounts[email] = {"email": email}
    return {"name": "operations/finished.identity", "done": True, "response": {"email": email, "uniqueId": "1"}}


@route("GET", "cloudresourcemanager.googleapis.com/v1/projects/{project}")
def get_project(state: State, request: Request) -> Json:
    if request["project"] != state.project:
        raise ApiError(403, "PERMISSION_DENIED", "The caller does not have permission")
    return _project(state)


@route("GET", "cloudresourcemanager.googleapis.com/v1/projects")
def list_projects(state: State, _request: Request) -> Json:
    return {"projects": [_project(state)]}


def _project(state: State) -> Json:
    return {"projectId": state.project, "projectNumber": NUMBER, "lifecycleState": "ACTIVE", "name": state.project}


@route("GET", "cloudbilling.googleapis.com/v1/projects/{project}/billingInfo")
def get_billing(state: State, _request: Request) -> Json:
    """Without an account, what says that it is enabled is left out."""
    own = {"name": f"projects/{state.project}/billingInfo", "projectId": state.project}
    on = {"billingAccountName": "billingAccounts/1", "billingEnabled": True}
    return {**own, **(on if state.billing else {"billingAccountName": ""})}


@route("GET", "firebase.googleapis.com/v1beta1/projects/{project}")
def get_firebase(state: State, _request: Request) -> Json:
    """A project that Firebase was added to: that enables its API."""
    return {
        "name": f"projects/{state.project}",
        "projectId": state.project,
        "projectNumber": NUMBER,
        "displayName": state.project,
        "state": "ACTIVE",
    }


@route("GET", "serviceusage.googleapis.com/v1beta1/projects/{project}/services/{api}/consumerQuotaMetrics")
def list_quotas(state: State, _request: Request) -> Json:
    return {"metrics": [_quota("cpu_allocation", state.milli_cpus), _quota("mem_allocation", str(40 * 2**30))]}


def _quota(metric: str, limit: str) -> Json:
    """Of all regions together, and of one that has more."""
    name = f"projects/{NUMBER}/services/run.googleapis.com/consumerQuotaMetrics/run.googleapis.com%2F{metric}"
    bucket = {"effectiveLimit": limit, "defaultLimit": limit}
    larger = {"effectiveLimit": "9" + limit, "defaultLimit": limit, "dimensions": {"region": "us-central1"}}
    return {
        "name": name,
        "metric": f"run.googleapis.com/{metric}",
        "consumerQuotaLimits": [
            {
                "name": f"{name}/limits/%2Fmin%2Fproject%2Fregion",
                "metric": f"run.googleapis.com/{metric}",
                "unit": "1/min/{project}/{region}",
                "quotaBuckets": [bucket, larger],
            }
        ],
    }
