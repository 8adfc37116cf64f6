"""Cloud Run's services, as Knative has them."""

from tests.deploy.fake_google.routing import ApiError, Json, Request, not_found, route
from tests.deploy.fake_google.state import State

_SERVICES = "{region}-run.googleapis.com/apis/serving.knative.dev/v1/namespaces/{project}/services"


@route("GET", _SERVICES)
def list_services(state: State, _request: Request) -> Json:
    return {"apiVersion": "serving.knative.dev/v1", "kind": "ServiceList", "items": list(state.services.values())}


@route("GET", _SERVICES + "/{service}")
def get_service(state: State, request: Request) -> Json:
    if request["service"] not in state.services:
        raise not_found(request["service"])
    return state.services[request["service"]]


@route("POST", _SERVICES)
def create_service(state: State, request: Request) -> Json:
    own = request.body["metadata"]["name"]
    if own in state.services:
        raise ApiError(409, "ALREADY_EXISTS", f"Resource '{own}' already exists.")
    return _put(state, request, own)


@route("PUT", _SERVICES + "/{service}")
def replace_service(state: State, request: Request) -> Json:
    return _put(state, request, request["service"])


@route("DELETE", _SERVICES + "/{service}")
def delete_service(state: State, request: Request) -> Json:
    if not state.services.pop(request["service"], None):
        raise not_found(request["service"])
    state.policies.pop(f"projects/{state.project}/locations/{request['region']}/services/{request['service']}", None)
    return {"kind": "Status", "status": "Success"}


def _put(state: State, request: Request, own: str) -> Json:
    service, before = request.body, state.services.get(own)
    generation = before["metadata"]["generation"] if before else 0
    # what is about the service alone, such as who may call it, makes no revision
    generation += not before or before["spec"]["template"] != service["spec"]["template"]
    revision = f"{own}-{generation:05}-fake"
    fault = _fault(state, service["spec"]["template"]["spec"])
    conditions = [
        {
            "type": kind,
            "status": "False" if fault else "True",
            **({"message": fault, "reason": "Fault"} if fault else {}),
        }
        for kind in ("Ready", "ConfigurationsReady", "RoutesReady")
    ]
    service["metadata"] |= {"generation": generation, "resourceVersion": str(generation), "uid": own}
    service["status"] = {
        "observedGeneration": generation,
        "conditions": conditions,
        "latestCreatedRevisionName": revision,
        "latestReadyRevisionName": revision,
        "url": f"https://{own}-fake-ew.a.run.app",
        "address": {"url": f"https://{own}-fake-ew.a.run.app"},
        "traffic": [{"revisionName": revision, "percent": 100, "latestRevision": True}],
    }
    state.services[own] = service
    return service


def _fault(state: State, revision: Json) -> str:
    """Why the revision does not start, as Cloud Run says it: an account or a grant that is not there."""
    account = revision["serviceAccountName"]
    if account not in state.accounts:
        return f"Service account {account} does not exist."
    for variable in revision["containers"][0].get("env", []):
        if source := variable.get("valueFrom"):
            secret, version = source["secretKeyRef"]["name"], source["secretKeyRef"]["key"]
            if int(version) > len(state.versions.get(secret, [])):
                return f"Secret projects/x/secrets/{secret}/versions/{version} was not found"
            resource = f"projects/{state.project}/secrets/{secret}"
            if f"serviceAccount:{account}" not in state.members(resource, "roles/secretmanager.secretAccessor"):
                return f"Permission denied on secret: {resource} for Revision service account {account}."
    return ""


@route(
    "POST",
    "{region}-run.googleapis.com/v1/projects/{project}/locations/{location}/services/{service}:testIamPermissions",
)
def permissions_held(_state: State, request: Request) -> Json:
    return {"permissions": request.body["permissions"]}
