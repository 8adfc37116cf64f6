"""Cloud Storage and Artifact Registry: where sources and images go."""

from tests.deploy.fake_google.routing import Json, Request, lists, not_found, route
from tests.deploy.fake_google.state import State

_REPOSITORIES = "artifactregistry.googleapis.com/v1/projects/{project}/locations/{location}/repositories"


@route("GET", "storage.googleapis.com/storage/v1/b/{bucket}")
def get_bucket(state: State, request: Request) -> Json:
    if request["bucket"] not in state.buckets:
        raise not_found(request["bucket"])
    return state.buckets[request["bucket"]]


@route("POST", "storage.googleapis.com/storage/v1/b")
def create_bucket(state: State, request: Request) -> Json:
    own = request.body["name"]
    state.buckets[own] = {**request.body, "id": own}
    return state.buckets[own]


lists("storage.googleapis.com/storage/v1/b", "items", lambda state: state.buckets)


@route("GET", _REPOSITORIES + "/{repository}")
def get_repository(state: State, request: Request) -> Json:
    if request["repository"] not in state.repositories:
        raise not_found(request["repository"])
    return state.repositories[request["repository"]]


@route("PATCH", _REPOSITORIES + "/{repository}")
def update_repository(state: State, request: Request) -> Json:
    changed = state.repositories[request["repository"]]
    for field in request.query.get("updateMask", "cleanupPolicies").split(","):
        changed[field] = request.body.get(field)
    return changed


@route("GET", _REPOSITORIES + "/{repository}/packages")
def list_packages(state: State, request: Request) -> Json:
    repository = request.path.partition("/v1/")[2]
    return {"packages": [{"name": f"{repository}/{own}"} for own in state.packages]}


@route("POST", _REPOSITORIES)
def create_repository(state: State, request: Request) -> Json:
    own = request.query["repositoryId"]
    name = f"{request.path.partition('/v1/')[2]}/{own}"
    state.repositories[own] = {**request.body, "name": name}
    return {"name": f"{name.partition('/repositories')[0]}/operations/done", "done": False}


@route("GET", "artifactregistry.googleapis.com/v1/projects/{project}/locations/{location}/operations/{operation}")
def get_operation(state: State, request: Request) -> Json:
    return {
        "name": request.path.partition("/v1/")[2],
        "done": True,
        "response": next(iter(state.repositories.values())),
    }


@route("POST", "storage.googleapis.com/upload/storage/v1/b/{bucket}/o")
def upload(state: State, request: Request) -> Json:
    """A multipart upload: a part that describes, and the zip."""
    boundary = request.content.partition(b"\n")[0]
    archive = request.content.split(boundary)[2].partition(b"\n\n")[2][:-1]
    state.uploads[request.query["name"]] = archive
    return {"bucket": request["bucket"], "name": request.query["name"], "generation": "1", "size": str(len(archive))}
