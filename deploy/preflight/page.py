"""The page that a link in a mail opens: can a browser open it, and may it call create_user from there?"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from deploy.deployment import Deployment, service
from deploy.history import ingress_of
from deploy.preflight.finding import Finding
from deploy.preflight.names import region_of
from deploy.preflight.questions import Answer


def page_findings(deployment: Deployment, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """Where links are mailed at all, or were until now."""
    page, entrance = deployment.settings.get("SIGN_UP_URL"), service(deployment.entrance)
    here = [one for one in answers["services"].items if region_of(one) == deployment.region]
    running = [one for one in here if one["metadata"]["name"] == entrance]
    if "VERIFY_EMAIL" not in deployment.settings and any(map(_verifies, running)):
        yield Finding(
            f"VERIFY_EMAIL is missing, but {entrance} runs with it, and would be open to squatters without: pass"
            " --verify-email, or --no-verify-email to switch it off"
        )
    if not deployment.is_on("VERIFY_EMAIL"):
        return
    if not page:
        if any(ingress_of(one["metadata"]) != "all" for one in running):
            yield Finding(
                f"SIGN_UP_URL is missing: links in mails would lead to {entrance}'s own address, where its ingress lets"
                " in nobody from the internet. Set it to the page's address at your load balancer, https://…/sign-up"
            )
        return
    url = urlsplit(page)
    if (origin := f"{url.scheme}://{url.netloc}") not in deployment.settings.get("CORS_ORIGINS", "").split():
        yield Finding(
            f"CORS_ORIGINS does not name {origin}, where links in mails lead. Unless {entrance} answers there, too,"
            " browsers keep that page from calling it.",
            stops=False,
        )


def _verifies(running: Mapping[str, Any]) -> bool:
    """A service as Cloud Run lists it."""
    containers = running.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
    return any({"name": "VERIFY_EMAIL", "value": "true"} in one.get("env", []) for one in containers)
