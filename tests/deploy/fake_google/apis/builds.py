"""Cloud Build: it takes an uploaded source and says that it has built it."""

from tests.deploy.fake_google.routing import Json, Request, route
from tests.deploy.fake_google.state import State


@route("POST", "{region}-run.googleapis.com/v2/projects/{project}/locations/{location}/builds:submit")
def submit(state: State, request: Request) -> Json:
    own = f"build-{len(state.builds) + 1}"
    state.builds[own] = request.body
    return {
        "baseImageUri": "europe-docker.pkg.dev/base/python313",
        "buildOperation": _operation(own, request, done=False),
    }


@route("GET", "cloudbuild.googleapis.com/v1/projects/{project}/locations/{location}/operations/{build}")
def get_operation(state: State, request: Request) -> Json:
    """Finished at once; a build whose account may not build fails."""
    submitted = state.builds[request["build"]]
    operation = _operation(request["build"], request, done=True)
    builder = f"serviceAccount:{submitted['serviceAccount'].rpartition('/')[2]}"
    if builder not in state.members(state.project, "roles/run.builder"):
        return operation | {"error": {"code": 7, "message": f"{builder} does not have storage.objects.get access"}}
    image = {"name": submitted["imageUri"], "digest": "sha256:fake"}
    return operation | {"response": {**operation["metadata"]["build"], "results": {"images": [image]}}}


def _operation(build: str, request: Request, *, done: bool) -> Json:
    place = f"projects/{request['project']}/locations/{request['location']}"
    described = {
        "id": build,
        "name": f"{place}/builds/{build}",
        "projectId": request["project"],
        "logUrl": f"https://console.cloud.google.com/cloud-build/builds/{build}",
        "status": "SUCCESS" if done else "QUEUED",
    }
    metadata = {"@type": "type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata", "build": described}
    return {"name": f"{place}/operations/{build}", "metadata": metadata, "done": done}
