"""Service Usage and Resource Manager: which APIs are on, the project and its number."""

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
        raise ApiError(403, "PERMISSION_DENIED", f"The caller does not have permission on {request['project']}")
    return {"projectId": state.project, "projectNumber": NUMBER, "lifecycleState": "ACTIVE", "name": state.project}
