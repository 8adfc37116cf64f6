"""What helps where gcloud fails, by what it says."""

import re

_ACCOUNT = r"\S+@\S+"
_PROJECT = "\0"

# What gcloud says, and what helps: the first that matches, so the narrower comes first. `\1` is what a group found.
_ADVICE = {
    r"[Mm]ax instances must be set to ([1-9]\d*) or fewer|maxScale may not exceed ([1-9]\d*)": (
        r"The region's quota carries \1\2 instances of this function: set its max_instances = \1\2 in topology.toml, "
        "or request more quota: https://console.cloud.google.com/iam-admin/quotas"
    ),
    r"[Mm]ax instances must be set|maxScale may not exceed|AllocPerProjectRegion|cpu_allocation|allowable CPU": (
        "The region's quota carries fewer instances: lower max_instances in topology.toml, or request more quota: "
        "https://console.cloud.google.com/iam-admin/quotas"
    ),
    r"(?s)ontainer failed to start.*?(https://console\.cloud\.google\.com/logs\S+)": (
        r"The function did not start. Its log says why: \1"
    ),
    r"ontainer failed to start": (
        "The function did not start. The log of its newest revision says why: https://console.cloud.google.com/run"
    ),
    r"Build failed|build .*failed": "Read the build log at the address above: a lock file may be stale (make lock).",
    r"permission to (?:read the image|get access tokens)": (
        "Wait a few minutes. If that does not help, Cloud Run's service agent has lost its role in the project, "
        "roles/run.serviceAgent: grant it again."
    ),
    r"(?i)billing": "Link a billing account to the project: https://console.cloud.google.com/billing/linkedaccount",
    r"requireInvokerIam|invoker_iam_disabled": (
        "Your organization allows no public services (constraints/run.managed.requireInvokerIam). Ask its policy "
        "administrator to exempt this project, or leave out --public: callers then need roles/run.invoker."
    ),
    r"run\.allowedIngress": (
        "Your organization restricts who may reach services (constraints/run.allowedIngress). Ask its policy "
        "administrator to allow this project `all`, for create-user, and `internal`, for the others."
    ),
    r"gcp\.resourceLocations": (
        "Your organization restricts locations (constraints/gcp.resourceLocations). Choose a --region that it allows, "
        "or ask its policy administrator to exempt this project."
    ),
    r"iam\.disableServiceAccountCreation": (
        "Your organization lets nobody create service accounts (constraints/iam.disableServiceAccountCreation). Ask "
        "its policy administrator to exempt this project, or to create the accounts that plan names: up uses them."
    ),
    r"allowedPolicyMember|permitted customer": (
        "Your organization restricts who may be given a role (constraints/iam.allowedPolicyMemberDomains). Ask its "
        "policy administrator to allow the account named in the command."
    ),
    r"onstraints/([\w.]+)": (
        r"Your organization's policy \1 forbids this. Ask its policy administrator to exempt this project."
    ),
    r"(?i)org(?:anization)? policy": (
        "A policy of your organization forbids this. Ask its policy administrator to exempt this project."
    ),
    r"denied on 'locations/([\w-]+)'|[Ll]ocation '?([\w-]+)'? is not (?:a valid location|found)": (
        r"This service is not available in \1\2, or there is no such region. Choose another with --region: "
        "gcloud run regions list"
    ),
    r"[Qq]uota|RESOURCE_EXHAUSTED": "Wait, or request more quota: https://console.cloud.google.com/iam-admin/quotas",
    r"[Rr]etry in (\d+) ?s": r"Google asks for \1 seconds: wait that long.",
    r"SERVICE_DISABLED|has not been used in project": (
        "Not all of Google's systems know yet that the API is enabled: wait a few minutes."
    ),
    r"may not exist": (
        "Ask the project's owner for the permission named above. If you have it, what is named does not exist, or is "
        "so new that not all of Google's systems know of it: wait a few minutes."
    ),
    r"PERMISSION_DENIED|[Pp]ermission|not authorized|\b403\b": (
        "Ask the project's owner for the permission named above."
    ),
    r"No identity token can be obtained": (
        "This login cannot call a private create_user: use `up --at-once`, or the login of a person or service account."
    ),
    r"gcloud auth login|Reauthentication|invalid authentication credentials": "Log in: gcloud auth login",
    r"command group installed": "Install it: gcloud components install alpha beta",
    r"Invalid choice|unrecognized arguments": "Your gcloud is too old for this. Update it: gcloud components update",
    r"reachable|onnection|timed out|Max retries|resolve": "Check the network connection.",
}


def advice_on(message: str, *, project: str) -> str:
    """What helps, if that is known. Names do not count: a project may be `my-billing`, an account `quota@...`."""
    said = re.sub(_ACCOUNT, "", message.replace(project, _PROJECT) if project else message)
    for pattern, advice in _ADVICE.items():
        if found := re.search(pattern, said):
            return found.expand(advice).replace(_PROJECT, project)
    return ""
