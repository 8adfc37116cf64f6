"""What Google's APIs refuse a call with, as they word it."""

from tests.deploy.fake_google.routing import ApiError
from tests.deploy.fake_google.server import Fault
from tests.gcloud_messages import SAID

_CONFLICT = "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff."
_NO_BILLING = f"Billing account for project '123456789012' is not found. {SAID['no billing'].text}"
_NO_ACCOUNTS = SAID["no new accounts"].text.partition("\n")[0]
# By the name of what gcloud then says. gcloud itself repeats some of them.
FAULTS = {
    "an API just enabled": ("PUT", "/topics/", ApiError(403, "PERMISSION_DENIED", SAID["an API just enabled"].text)),
    "a conflict": ("POST", ":setIamPolicy", ApiError(409, "ABORTED", _CONFLICT)),
    "an account not yet known": (
        "POST",
        ":setIamPolicy",
        ApiError(400, "INVALID_ARGUMENT", SAID["an account not yet known"].text),
    ),
    "a metric not yet known": (
        "POST",
        "/alertPolicies",
        ApiError(404, "NOT_FOUND", SAID["a metric not yet known"].text),
    ),
    "a field being changed": (
        "PATCH",
        "/fields/",
        ApiError(400, "FAILED_PRECONDITION", SAID["a field being changed"].text),
    ),
    "an account not yet known, or a permission that is lacking": (
        "PUT",
        "/services/send-email",
        ApiError(403, "PERMISSION_DENIED", SAID["an account not yet known, or a permission that is lacking"].text),
    ),
    "an image not yet to be read": (
        "PUT",
        "/services/send-email",
        ApiError(403, "PERMISSION_DENIED", SAID["an image not yet to be read"].text),
    ),
    "a caller not yet known": ("POST", "/jobs", ApiError(404, "NOT_FOUND", "Requested entity was not found.")),
    "a database just deleted": (
        "POST",
        "/databases",
        ApiError(400, "FAILED_PRECONDITION", SAID["a database just deleted"].text),
    ),
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
    "no such region of Firestore": (
        "POST",
        "/databases",
        ApiError(403, "PERMISSION_DENIED", SAID["no such region of Firestore"].text),
    ),
    "no such region of Cloud Scheduler": (
        "POST",
        "/jobs",
        ApiError(400, "INVALID_ARGUMENT", SAID["no such region of Cloud Scheduler"].text),
    ),
    "no permission": ("PUT", "/topics/", ApiError(403, "PERMISSION_DENIED", SAID["no permission"].text)),
    "no billing": ("POST", "services:batchEnable", ApiError(400, "FAILED_PRECONDITION", _NO_BILLING)),
    "no quota": ("PUT", "/topics/", ApiError(429, "RESOURCE_EXHAUSTED", SAID["no quota"].text)),
    "no quota for so many CPUs": (
        "PUT",
        "/services/send-email",
        ApiError(400, "INVALID_ARGUMENT", SAID["no quota for so many CPUs"].text),
    ),
    "no public services": (
        "PUT",
        "/services/create-user",
        ApiError(400, "FAILED_PRECONDITION", SAID["no public services"].text),
    ),
    "no ingress": ("PUT", "/services/send-email", ApiError(400, "FAILED_PRECONDITION", SAID["no ingress"].text)),
    "a failed build": (
        "GET",
        "cloudbuild.googleapis.com",
        ApiError(400, "FAILED_PRECONDITION", SAID["a failed build"].text),
    ),
}


def fault(name: str) -> Fault:
    """For as long as gcloud tries."""
    return Fault(*FAULTS[name], times=99)
