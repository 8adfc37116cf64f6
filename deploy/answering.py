"""Is it our own code that answers at an address, or Google in its place?"""

import time

import httpx

from blueprint.gcloud import GcloudError, Run
from deploy.deployment import Deployment

_ASK_EVERY_SECONDS = 2
# A new address, and who may call it, are known everywhere after a while.
PATIENCE_SECONDS = 120


def silence_of(address: str, deployment: Deployment, run: Run, *, transport: httpx.BaseTransport | None = None) -> str:
    """Nothing once create_user answers at its own address; otherwise a sentence that says what did."""
    try:
        headers = login(deployment, run, address)
    except GcloudError as error:
        return f"Whether create_user answers is not known, for want of a login: {error.message}"
    with httpx.Client(headers=headers, timeout=30, transport=transport) as client:
        seen = until_it_answers(client, address)
    return seen and f"For 2 minutes create_user's address got {seen}. New addresses and grants can take longer."


def until_it_answers(client: httpx.Client, url: str) -> str:
    """Ask for a page until create_user says that it has none; returns what was seen if it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = client.get(url)
            if answer.status_code == httpx.codes.METHOD_NOT_ALLOWED and _is_ours(answer):
                return ""
            seen = described(answer)
        except httpx.TransportError as error:
            seen = f"no response ({type(error).__name__})"
        if time.monotonic() > deadline:
            return seen
        time.sleep(_ASK_EVERY_SECONDS)


def described(answer: httpx.Response) -> str:
    """A response in a few words; nothing of a page that is not ours."""
    if _is_ours(answer):
        return f"{answer.status_code} {answer.json().get('code')}"
    return f"{answer.status_code}, not from create_user itself"


def login(deployment: Deployment, run: Run, url: str) -> dict[str, str]:
    """
    The headers that let us call create_user.

    The token's audience is the service's URL, whatever tag is called:
    https://docs.cloud.google.com/run/docs/authenticating/service-to-service.
    """
    if deployment.public:
        return {}
    printing = deployment.gcloud("auth print-identity-token")
    try:
        token = run((*printing, f"--audiences={url}"), None)
    except GcloudError as error:
        if not error.says("Invalid account type"):
            raise
        token = run(printing, None)  # a person's token has no audience to choose
    return {"Authorization": f"Bearer {token}"}


def _is_ours(answer: httpx.Response) -> bool:
    return str(answer.headers.get("content-type")).startswith("application/problem+json")
