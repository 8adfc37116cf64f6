"""The page that a link in a mail opens: can a browser open it, and may it call create_user from there?"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from deploy.deployment import Deployment, service
from deploy.history import ingress_of
from deploy.preflight.finding import Finding
from deploy.preflight.names import region_of
from deploy.preflight.questions import Answer


def page_findings(deployment: Deployment, answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """Where links are mailed at all."""
    if not deployment.is_on("VERIFY_EMAIL"):
        return
    page, entrance = deployment.settings.get("SIGN_UP_URL"), service(deployment.entrance)
    if not page:
        here = [one["metadata"] for one in answers["services"].items if region_of(one) == deployment.region]
        if any(one["name"] == entrance and ingress_of(one) != "all" for one in here):
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
