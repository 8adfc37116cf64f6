"""Cloud Run's services, as Knative has them."""

from collections.abc import Iterable

from tests.deploy.fake_google.routing import ApiError, Json, Request, already_exists, not_found, route
from tests.deploy.fake_google.state import State

# What the tests deploy to, and one region more.
REGIONS = ("europe-west1", "us-central1")
_REGION = "cloud.googleapis.com/location"
_SERVICES = "{region}-run.googleapis.com/apis/serving.knative.dev/v1/namespaces/{project}/services"


@route("GET", _SERVICES)
def list_services(state: State, request: Request) -> Json:
    return _listed(one for one in state.services.values() if one["metadata"]["labels"][_REGION] == request["region"])


@route("GET", "run.googleapis.com/v1/projects/{project}/locations/-/services")
def list_services_of_all_regions(state: State, _request: Request) -> Json:
    return _listed(state.services.values())


def _listed(services: Iterable[Json]) -> Json:
    return {"apiVersion": "serving.knative.dev/v1", "kind": "ServiceList", "items": list(services)}


@route("GET", "run.googleapis.com/v1/projects/{project}/locations")
def list_regions(state: State, _request: Request) -> Json:
    return {
        "locations": [
            {"name": f"projects/{state.project}/locations/{region}", "locationId": region} for region in REGIONS
        ]
    }


@route("GET", _SERVICES + "/{service}")
def get_service(state: State, request: Request) -> Json:
    if request["service"] not in state.services:
        raise not_found(request["service"])
    return state.services[request["service"]]


@route("POST", _SERVICES)
def create_service(state: State, request: Request) -> Json:
    own = request.body["metadata"]["name"]
    if own in state.services:
        raise already_exists(f"Resource '{own}' already exists.")
    return _put(state, request, own)


@route("PUT", _SERVICES + "/{service}")
def replace_service(state: State, request: Request) -> Json:
    return _put(state, request, request["service"])


@route("DELETE", _SERVICES + "/{service}")
def delete_service(state: State, request: Request) -> Json:
    if not state.services.pop(request["service"], None):
        raise not_found(request["service"])
    state.revisions = {name for name in state.revisions if not name.startswith(f"{request['service']}-")}
    state.policies.pop(f"projects/{state.project}/locations/{request['region']}/services/{request['service']}", None)
    return {"kind": "Status", "status": "Success"}


def _put(state: State, request: Request, own: str) -> Json:
    """Each template makes a revision; where one was named before, its name is taken, even if it never started."""
    service, old = request.body, state.services.get(own)
    version = old["metadata"]["resourceVersion"] if old else "0"
    if old and service["metadata"].get("resourceVersion", version) != version:
        named = service["metadata"]["resourceVersion"]
        message = f"Conflict for resource '{own}': version '{named}' was specified but current version is '{version}'."
        raise ApiError(409, "ABORTED", message)
    generation, template = int(version) + 1, service["spec"]["template"]
    status = dict(old["status"]) if old else {}
    fault = ""
    if not old or template != old["spec"]["template"]:
        revision = template["metadata"].get("name") or f"{own}-{generation:05}-fake"
        if revision in state.revisions:
            message = f"Revision named '{revision}' with different configuration already exists."
            raise ApiError(409, "ALREADY_EXISTS", message)
        state.revisions.add(revision)
        fault = _fault(state, template["spec"])
        status["latestCreatedRevisionName"] = revision
        if not fault:
            status["latestReadyRevisionName"] = revision
    service["metadata"]["labels"][_REGION] = request["region"]
    service["metadata"] |= {"generation": generation, "resourceVersion": str(generation), "uid": own}
    traffic = service["spec"].setdefault("traffic", [{"latestRevision": True, "percent": 100}])
    service["status"] = {
        **status,
        "observedGeneration": generation,
        "conditions": _conditions(fault),
        "url": f"https://{own}-fake-ew.a.run.app",
        "address": {"url": f"https://{own}-fake-ew.a.run.app"},
        "traffic": [_served(state, own, target, status.get("latestReadyRevisionName")) for target in traffic],
    }
    state.services[own] = service
    return service


def _served(state: State, own: str, target: Json, newest: str | None) -> Json:
    if (named := target.get("revisionName")) and named not in state.revisions:
        raise ApiError(400, "INVALID_ARGUMENT", f"Revision {named} in traffic does not exist.")
    tagged = {"url": f"https://{target['tag']}---{own}-fake-ew.a.run.app"} if "tag" in target else {}
    return {**target, **tagged, **({"revisionName": newest} if target.get("latestRevision") and newest else {})}


def _conditions(fault: str) -> list[Json]:
    state: Json = {"status": "False", "message": fault, "reason": "Fault"} if fault else {"status": "True"}
    return [{"type": kind, **state} for kind in ("Ready", "ConfigurationsReady", "RoutesReady")]


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
    return state.does_not_start


@route(
    "POST",
    "{region}-run.googleapis.com/v1/projects/{project}/locations/{location}/services/{service}:testIamPermissions",
)
def permissions_held(_state: State, request: Request) -> Json:
    return {"permissions": request.body["permissions"]}


@route("GET", "{service}-fake-ew.a.run.app/")
def answer_of_a_service(state: State, request: Request) -> Json:
    """What create_user says to a GET, at its own address or at a tagged one."""
    tag, _, own = request["service"].rpartition("---")
    serving = state.services.get(own, {"status": {"traffic": []}})["status"]["traffic"]
    if not any(target.get("tag", "") == tag for target in serving):
        raise ApiError(404, "NOT_FOUND", "Page not found")
    problem = ApiError(405, "", "")
    problem.body = {"title": "Method Not Allowed", "status": 405, "code": "method-not-allowed"}
    raise problem
