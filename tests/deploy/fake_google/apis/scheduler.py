"""Cloud Scheduler."""

from tests.deploy.fake_google.apis.run import REGIONS
from tests.deploy.fake_google.routing import Json, Request, already_exists, not_found, route
from tests.deploy.fake_google.state import State

_JOBS = "cloudscheduler.googleapis.com/v1/projects/{project}/locations/{location}/jobs"


@route("GET", _JOBS)
def list_jobs(state: State, request: Request) -> Json:
    place = f"/locations/{request['location']}/"
    return {"jobs": [job for job in state.jobs.values() if place in job["name"]]}


@route("GET", "cloudscheduler.googleapis.com/v1/projects/{project}/locations")
def list_regions(state: State, _request: Request) -> Json:
    return {
        "locations": [
            {"name": f"projects/{state.project}/locations/{region}", "locationId": region} for region in REGIONS
        ]
    }


@route("POST", _JOBS)
def create_job(state: State, request: Request) -> Json:
    own = request.body["name"].rpartition("/")[2]
    if own in state.jobs:
        raise already_exists(f"Job {request.body['name']} already exists.")
    state.jobs[own] = request.body
    return request.body


@route("GET", _JOBS + "/{job}")
def get_job(state: State, request: Request) -> Json:
    if request["job"] not in state.jobs:
        raise not_found(request["job"])
    return state.jobs[request["job"]]


@route("PATCH", _JOBS + "/{job}")
def update_job(state: State, request: Request) -> Json:
    state.jobs[request["job"]].update(request.body)
    return state.jobs[request["job"]]


@route("DELETE", _JOBS + "/{job}")
def delete_job(state: State, request: Request) -> Json:
    if not state.jobs.pop(request["job"], None):
        raise not_found(request["job"])
    return {}
