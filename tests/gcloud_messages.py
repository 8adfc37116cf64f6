"""What gcloud says, in the words of 528: tests/unit decides by them, tests/deploy hears them from the real one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """Of a step that meets a fault: it is waited for, or it stops with advice; where it does not pass, both."""

    step: str
    text: str
    waited_for: bool = False
    advice: str = ""
    first_pause_seconds: int = 2


_LOG = "https://console.cloud.google.com/logs/viewer?project=demo-project&resource=cloud_run_revision"
_ASK_OWNER = "Ask the project's owner"
_NEW_OR_LACKING = "or is so new that not all of Google's systems know of it"
SAID = {
    "an API just enabled": Said(
        "Create the topic user.created.dead-letter",
        "Cloud Pub/Sub API has not been used in project 1 before or it is disabled.",
        waited_for=True,
        advice="that the API is enabled",
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
    "an account not yet known, or a permission that is lacking": Said(
        "deploy send-email",
        "Permission 'iam.serviceaccounts.actAs' denied on service account"
        " usher-send-email@demo-project.iam.gserviceaccount.com (or it may not exist).",
        waited_for=True,
        advice=_NEW_OR_LACKING,
    ),
    "the same of a job": Said(
        "Call relay-outbox every",
        'The principal (user or service account) lacks IAM permission "iam.serviceAccounts.actAs" for the resource'
        ' "usher-invoker@demo-project.iam.gserviceaccount.com" (or the resource may not exist).',
        waited_for=True,
        advice=_NEW_OR_LACKING,
    ),
    "a caller not yet known": Said(
        "Call relay-outbox every",
        "(gcloud.scheduler.jobs.create.http) NOT_FOUND: Requested entity was not found.",
        waited_for=True,
    ),
    "an image not yet to be read": Said(
        "deploy send-email",
        "Google Cloud Run Service Agent service-123456789012@serverless-robot-prod.iam.gserviceaccount.com must have"
        " permission to read the image, europe-west1-docker.pkg.dev/demo-project/cloud-run-source-deploy/send-email."
        " Ensure that the provided container image URL is correct and that the above account has permission to access"
        " the image. If you just enabled the Cloud Run API, the permissions might take a few minutes to propagate.",
        waited_for=True,
        advice="roles/run.serviceAgent",
    ),
    "an account not yet to be run as": Said(
        "deploy send-email",
        "Google Cloud Run Service Agent does not have permission to get access tokens for the service account"
        " usher-send-email@demo-project.iam.gserviceaccount.com.",
        waited_for=True,
        advice="roles/run.serviceAgent",
    ),
    "a database just deleted": Said(
        "Create the Firestore database",
        "Database ID '(default)' is not available in project 'demo-project'. Please retry in 284 seconds.",
        waited_for=True,
        advice="Google asks for 284 seconds",
        first_pause_seconds=285,
    ),
    "a service just created by another run": Said(
        "deploy send-email", "ALREADY_EXISTS: Resource 'send-email' already exists.", waited_for=True
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
        advice=_ASK_OWNER,
    ),
    "no permission, or nothing there": Said(
        "Create the topic user.created.dead-letter",
        "Permission 'pubsub.topics.create' denied on resource 'projects/demo-project' (or it may not exist).",
        advice=_NEW_OR_LACKING,
    ),
    "no permission, in Pub/Sub's words": Said(
        "Create the topic user.created.dead-letter", "User not authorized to perform this action.", advice=_ASK_OWNER
    ),
    "no billing": Said(
        "Enable the APIs",
        "Billing must be enabled for activation of service(s) 'run.googleapis.com' to proceed.",
        advice="Link a billing account",
    ),
    "no billing any more": Said(
        "Create the Firestore database",
        "This API method requires billing to be enabled. Please enable billing on project #123456789012 by visiting"
        " https://console.developers.google.com/billing/enable?project=123456789012 then retry.",
        advice="Link a billing account",
    ),
    "no new accounts": Said(
        "Create the account that builds",
        "Service account creation is not allowed on this project.\n"
        "- '@type': type.googleapis.com/google.rpc.PreconditionFailure\n"
        "  violations:\n"
        "  - description: Service account creation is not allowed on this project.\n"
        "    subject: projects/demo-project/serviceAccounts/?configvalue=\n"
        "    type: constraints/iam.disableServiceAccountCreation",
        advice="or to create the accounts that plan names",
    ),
    "no such place for data": Said(
        "Create the secret usher-smtp-password",
        "Constraint constraints/gcp.resourceLocations violated for [orgpolicy:projects/123456789012] attempting to"
        " create a secret in [global].",
        advice="Choose a --region that it allows",
    ),
    "no such member": Said(
        "roles/run.builder",
        "One or more users named in the policy do not belong to a permitted customer,  perhaps due to an organization"
        " policy.",
        advice="constraints/iam.allowedPolicyMemberDomains",
    ),
    "a policy of their own": Said(
        "Create the topic user.created.dead-letter",
        "Operation denied by org policy on resource 'projects/demo-project/topics/user.created.dead-letter':"
        ' ["customConstraints/custom.topicsNeedKeys": "Topics need a key of ours."].',
        advice="Your organization's policy custom.topicsNeedKeys forbids this",
    ),
    "no such region of Firestore": Said(
        "Create the Firestore database",
        "Permission denied on 'locations/europe-west99' (or it may not exist).",
        advice="not available in europe-west99",
    ),
    "no such region of Cloud Scheduler": Said(
        "Call relay-outbox every",
        "Location 'europe-west9' is not a valid location. Use ListLocations to list valid locations.",
        advice="not available in europe-west9",
    ),
    "no such region of Cloud Run": Said(
        "deploy send-email",
        "Location europe-west99 is not found or access is unauthorized.",
        advice="gcloud run regions list",
    ),
    "no CPU at all": Said(
        "deploy send-email",
        "Max instances must be set to 0 or fewer to set the requested total CPU.\n\nQuota violated:\n"
        "CpuAllocPerProjectRegion requested: 60000 allowed: 20000\n"
        "MemAllocPerProjectRegion requested: 257698037760 allowed: 42949672960",
        advice="lower max_instances in topology.toml",
    ),
    "too many CPUs at work": Said(
        "deploy send-email",
        "Revision 'send-email-00002-wut' is not ready and cannot serve traffic. Quota exceeded for total allowable CPU"
        " per project per region.",
        advice="lower max_instances in topology.toml",
    ),
    "no quota": Said(
        "Create the topic user.created.dead-letter",
        "Quota exceeded for quota metric 'Write requests'",
        advice="iam-admin/quotas",
    ),
    "no quota for so many CPUs": Said(
        "deploy send-email",
        "spec.template.metadata.annotations[autoscaling.knative.dev/maxScale]: Max instances must be set to 2 or fewer"
        " to set the requested total CPU.\n\nQuota violated:\nCpuAllocPerProjectRegion requested: 32000 allowed: 20000",
        advice="set its max_instances = 2 in topology.toml",
    ),
    "no quota for so many CPUs, in older words": Said(
        "deploy send-email",
        "spec.template.spec.containers.resources.limits.cpu: Invalid value specified for cpu. For the specified value,"
        " maxScale may not exceed 10. Consider running your workload in a region with greater capacity, decreasing your"
        " requested cpu-per-instance, or requesting an increase in quota for this region if you are seeing sustained"
        " usage near this limit, see https://cloud.google.com/run/quotas.",
        advice="set its max_instances = 10 in topology.toml",
    ),
    "no quota for so much memory": Said(
        "deploy send-email",
        "Quota violated:\nMemAllocPerProjectRegion requested: 107374182400 allowed: 42949672960",
        advice="lower max_instances in topology.toml",
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
    "a function that does not start": Said(
        "deploy send-email",
        "Revision 'send-email-00001-fake' is not ready and cannot serve traffic. The user-provided container failed to"
        " start and listen on the port defined provided by the PORT=8080 environment variable within the allocated"
        " timeout. This can happen when the container port is misconfigured or if the timeout is too short. The health"
        " check timeout can be extended. Logs for this revision might contain more information.\n\n"
        f"Logs URL: {_LOG} \n"
        "For more troubleshooting guidance, see"
        " https://cloud.google.com/run/docs/troubleshooting#container-failed-to-start",
        advice=f"Its log says why: {_LOG}",
    ),
    "a function that does not start, in fewer words": Said(
        "deploy send-email",
        "Cloud Run error: Container failed to start. Failed to start and then listen on the port defined by the PORT"
        " environment variable. Logs for this revision might contain more information.",
        advice="The log of its newest revision says why",
    ),
    "no login": Said(
        "Create the topic user.created.dead-letter",
        "You do not currently have an active account selected.\nPlease run:\n\n  $ gcloud auth login",
        advice="Log in: gcloud auth login",
    ),
    "an option it does not know": Said(
        "Let documents expire by malformed_events.expires_at",
        "Invalid choice: 'ttlz'.",
        advice="gcloud components update",
    ),
    "a flag it does not know": Said(
        "deploy send-email", "unrecognized arguments: --no-such-flag", advice="gcloud components update"
    ),
    "a component that is missing": Said(
        "Alert: Usher: dead letters",
        "You do not currently have this command group installed.",
        advice="gcloud components install alpha beta",
    ),
    "no network": Said("Create the topic user.created.dead-letter", "Max retries exceeded", advice="Check the network"),
}

# Where a step creates what another run has just created, or its own call that was repeated.
ALREADY_THERE = {
    "Create the account that builds": "Service account usher-build already exists within project",
    "Create the Firestore database": "Database already exists. Please use another database_id",
    "Create the secret usher-smtp-password": "Secret [projects/123456789012/secrets/usher-smtp-password] already"
    " exists.",
    "Register the schema user.created": "Resource already exists in the project (resource=user.created).",
    "Create the topic user.created.dead-letter": "Resource already exists in the project",
    "Push user.created to send-email": "Resource already exists in the project",
    "Call relay-outbox every": "Job projects/demo-project/locations/europe-west1/jobs/relay-outbox already exists.",
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
    "Create the dashboard": "NOT_FOUND: Resource not found (resource=usher).",
    "Let old images": "NOT_FOUND: Resource not found (resource=cloud-run-source-deploy).",
}
