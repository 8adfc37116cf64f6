"""Signs a user up at a running create_user: what `python -m emulator create-user` does."""

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from uuid import uuid4

import httpx

from emulator.inbox.addresses import comparable
from emulator.processes.errors import StackError

_MAIL_SECONDS = 15
_POLL_SECONDS = 0.1


def create_user(
    sign_up: Mapping[str, str], *, url: str, inbox_url: str | None, client: httpx.Client, say: Callable[[str], None]
) -> bool:
    """
    Sign a user up at `url` and report the outcome; return whether it was accepted.

    With an `inbox_url` also report when the welcome mail has arrived there, or that no inbox responds.

    Raises:
        StackError: Nothing responds at `url`.
    """
    response = _post(sign_up, url, client)
    say(f"{response.status_code} {response.reason_phrase}")
    answer = _json_object(response)
    if not response.is_success:
        say(_readable_problem(answer) or response.text)
        return False
    say(json.dumps(answer, indent=2, ensure_ascii=False))
    if inbox_url and response.status_code == HTTPStatus.CREATED:
        say(_await_mail(str(answer["email"]), inbox_url, client))
    return True


def _post(sign_up: Mapping[str, str], url: str, client: httpx.Client) -> httpx.Response:
    # The same key both times: the second request cannot make a second user.
    headers = {"Idempotency-Key": str(uuid4())}
    try:
        response = client.post(url, json=sign_up, headers=headers)
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return response
    except httpx.TransportError:
        pass
    try:
        return client.post(url, json=sign_up, headers=headers)
    except httpx.TransportError as error:
        raise StackError(
            f"create_user is not responding at {url}: start it with make run, or pass its address with --url."
        ) from error


def _json_object(response: httpx.Response) -> Mapping[str, object]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _readable_problem(problem: Mapping[str, object]) -> str:
    lines = [str(problem[member]) for member in ("title", "detail") if problem.get(member)]
    errors = problem.get("errors")
    faults = errors if isinstance(errors, list) else []
    return "\n".join(lines + [f"  {fault['message']}" for fault in faults])


def _await_mail(email: str, inbox_url: str, client: httpx.Client) -> str:
    started = time.monotonic()
    while (waited := time.monotonic() - started) < _MAIL_SECONDS:
        try:
            found = client.get(f"{inbox_url}/api/v1/search", params={"query": f'to:"{email}"'}).json()
        except httpx.TransportError:
            return f"The inbox is not responding at {inbox_url}: the welcome mail goes to send_email's SMTP_HOST."
        for mail in found["messages"]:
            if any(comparable(recipient["Address"]) == comparable(email) for recipient in mail["To"]):
                return f"Welcome mail arrived after {waited:.1f} s: {inbox_url}/api/v1/message/{mail['ID']}"
        time.sleep(_POLL_SECONDS)
    return f"No welcome mail to {email} arrived within {_MAIL_SECONDS} s: see the stack's log."
