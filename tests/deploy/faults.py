"""What Google's APIs refuse a call with, as they word it."""

from tests.deploy.fake_google.routing import ApiError
from tests.deploy.fake_google.server import Fault
from tests.gcloud_messages import SAID

_CONFLICT = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."
_NO_BILLING = f"Billing account for project '123456789012' is not found. {SAID['no billing'].text}"
_NO_ACCOUNTS = SAID["no new accounts"].text.partition("\n")[0]
# What is said as Google words it: the call that is refused, and how.
_REFUSALS = {
    "an API just enabled": ("PUT", "/topics/", 403, "PERMISSION_DENIED"),
    "an account not yet known": ("POST", ":setIamPolicy", 400, "INVALID_ARGUMENT"),
    "a metric not yet known": ("POST", "/alertPolicies", 404, "NOT_FOUND"),
    "a field being changed": ("PATCH", "/fields/", 400, "FAILED_PRECONDITION"),
    "an account not yet known, or a permission that is lacking": (
        "PUT",
        "/services/send-email",
        403,
        "PERMISSION_DENIED",
    ),
    "an image not yet to be read": ("PUT", "/services/send-email", 403, "PERMISSION_DENIED"),
    "a database just deleted": ("POST", "/databases", 400, "FAILED_PRECONDITION"),
    "no such region of Firestore": ("POST", "/databases", 403, "PERMISSION_DENIED"),
    "no such region of Cloud Scheduler": ("POST", "/jobs", 400, "INVALID_ARGUMENT"),
    "no permission": ("PUT", "/topics/", 403, "PERMISSION_DENIED"),
    "no quota": ("PUT", "/topics/", 429, "RESOURCE_EXHAUSTED"),
    "no quota for so many CPUs": ("PUT", "/services/send-email", 400, "INVALID_ARGUMENT"),
    "no public services": ("PUT", "/services/create-user", 400, "FAILED_PRECONDITION"),
    "no ingress": ("PUT", "/services/send-email", 400, "FAILED_PRECONDITION"),
    "a failed build": ("GET", "cloudbuild.googleapis.com", 400, "FAILED_PRECONDITION"),
}
# By the name of what gcloud then says. gcloud itself repeats some of them.
FAULTS = {
    **{
        name: (method, place, ApiError(code, status, SAID[name].text))
        for name, (method, place, code, status) in _REFUSALS.items()
    },
    "a conflict": ("POST", ":setIamPolicy", ApiError(409, "ABORTED", _CONFLICT)),
    "a caller not yet known": ("POST", "/jobs", ApiError(404, "NOT_FOUND", "Requested entity was not found.")),
    "no new accounts": (
        "POST",
        "/serviceAccounts",
        ApiError(
            400,
            "FAILED_PRECONDITION",
            _NO_ACCOUNTS,
            {
                "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
                "violations": [
                    {
                        "type": "constraints/iam.disableServiceAccountCreation",
                        "subject": "projects/demo-project/serviceAccounts/?configvalue=",
                        "description": _NO_ACCOUNTS,
                    }
                ],
            },
        ),
    ),
    "no billing": ("POST", "services:batchEnable", ApiError(400, "FAILED_PRECONDITION", _NO_BILLING)),
}


def fault(name: str) -> Fault:
    """For as long as gcloud tries."""
    return Fault(*FAULTS[name], times=99)
