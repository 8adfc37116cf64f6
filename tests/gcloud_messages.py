"""What gcloud says, in the words of 528: tests/unit decides by them, tests/deploy hears them from the real one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Of a step that meets a fault: it is waited for, or it stops with advice."""

    step: str
    text: str
    waited_for: bool = False
    advice: str = ""


SAID = {
    "an API just enabled": Said(
        "Create the topic user.created.dead-letter",
        "Cloud Pub/Sub API has not been used in project 1 before or it is disabled.",
        waited_for=True,
    ),
    "a conflict": Said("roles/run.builder", "There were concurrent policy changes.", waited_for=True),
    "an account not yet known": Said(
        "roles/run.builder",
        "Service account usher-build@demo-project.iam.gserviceaccount.com does not exist.",
        waited_for=True,
    ),
    "a grant not yet known": Said(
        "deploy send-email",
        "Permission denied on secret: projects/demo-project/secrets/usher-smtp-password for Revision service account"
        " usher-send-email@demo-project.iam.gserviceaccount.com.",
        waited_for=True,
    ),
    "a metric not yet known": Said(
        "Alert: Usher: the outbox does not empty",
        'Cannot find metric that matches type = "logging.googleapis.com/user/usher-outbox-late"',
        waited_for=True,
    ),
    "a field being changed": Said(
        "Keep outbox.occurred_at", "There is another operation in progress on this field", waited_for=True
    ),
    "no permission": Said(
        "Create the topic user.created.dead-letter",
        "Permission 'pubsub.topics.create' denied on resource",
        advice="Ask the project's owner",
    ),
    "no billing": Said(
        "Enable the APIs",
        "Billing must be enabled for activation of service(s) 'run.googleapis.com' to proceed.",
        advice="Link a billing account",
    ),
    "no quota": Said(
        "Create the topic user.created.dead-letter",
        "Quota exceeded for quota metric 'Write requests'",
        advice="iam-admin/quotas",
    ),
    "no public services": Said(
        "Let everyone call create-user",
        "Operation denied by org policy on resource 'projects/demo-project/locations/europe-west1/services/create-user'"
        ': ["constraints/run.managed.requireInvokerIam": "When enforced, the IAM check cannot be disabled."]',
        advice="(constraints/run.managed.requireInvokerIam). Ask its policy administrator to exempt this project",
    ),
    "no public services, in older words": Said(
        "Let everyone call create-user",
        "spec.invoker_iam_disabled: invoker_iam_disabled is not currently available for your organization.",
        advice="leave out --public",
    ),
    "no ingress": Said(
        "deploy send-email",
        "Constraint constraints/run.allowedIngress violated for attempting CreateService with annotation "
        '"run.googleapis.com/ingress" set to the default value all.',
        advice="(constraints/run.allowedIngress). Ask its policy administrator to allow",
    ),
    "a failed build": Said(
        "deploy send-email", "Build failed; check build logs for details", advice="Read the build log"
    ),
    "no login": Said(
        "Create the topic user.created.dead-letter",
        "You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login",
        advice="Log in: gcloud auth login",
    ),
    "an option it does not know": Said(
        "Let documents expire by reminders.expires_at",
        "Invalid choice: 'ttlz'.",
        advice="gcloud components update",
    ),
    "a component that is missing": Said(
        "Alert: Usher: dead letters",
        "You do not currently have this command group installed.",
        advice="gcloud components install alpha beta",
    ),
    "no network": Said("Create the topic user.created.dead-letter", "Max retries exceeded", advice="Check the network"),
}

# Where a step is undone that was never done, or is undone already.
GONE = {
    "Create the account that builds": "NOT_FOUND: Unknown service account usher-build@demo-project.",
    "Grant roles/run.builder": "Policy binding with the specified principal, role, and condition not found!",
    "Create the Firestore database": "NOT_FOUND: Resource not found (resource=(default)).",
    "Protect the Firestore database": "NOT_FOUND: Resource not found (resource=(default)).",
    "Create the secret usher-smtp-password": "NOT_FOUND: Resource not found (resource=usher-smtp-password).",
    "secretAccessor on usher-smtp-password": "Status code: 404. Resource not found",
    "Register the schema user.created": "NOT_FOUND: Resource not found (resource=user.created).",
    "Create the topic user.created.dead-letter": "Resource not found (resource=user.created.dead-letter).",
    "Push user.created to send-email": "Resource not found (resource=send-email).",
    "deploy send-email": "Service [send-email] could not be found.",
    "Call relay-outbox every": "NOT_FOUND: Resource not found (resource=relay-outbox).",
    "Count when the relay leaves": "NOT_FOUND: Resource not found (resource=usher-outbox-late).",
}
