"""Signs a user up at a running create_user: what `python -m emulator create-user` does."""

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from uuid import uuid4

import httpx

from emulator.commands.local_stack import ask_status
from emulator.inbox.addresses import comparable
from emulator.processes.errors import StackError

_MAIL_SECONDS = 15
_POLL_SECONDS = 0.1


def create_user(
    sign_up: Mapping[str, str], *, url: str, ui_url: str | None, client: httpx.Client, say: Callable[[str], None]
) -> bool:
    """
    Sign a user up at `url` and report the outcome; return whether it was accepted.

    With a `ui_url` also say where the journey is shown, and when the welcome mail has arrived in the inbox there, if it
    is sent there.

    Raises:
        StackError: Nothing responds at `url`.
    """
    response = _post(sign_up, url, client)
    say(f"{response.status_code} {response.reason_phrase}")
    answer = _json_object(response)
    if not response.is_success:
        say(_readable_problem(answer) or response.text.strip())
        return False
    say(json.dumps(answer, indent=2, ensure_ascii=False))
    if ui_url and response.status_code == HTTPStatus.CREATED:
        say(_follow(answer, ui_url, client))
    return True


def _post(sign_up: Mapping[str, str], url: str, client: httpx.Client) -> httpx.Response:
    # The same key both times: the second request cannot make a second user.
    headers = {"Idempotency-Key": str(uuid4())}
    try:
        response = client.post(url, json=sign_up, headers=headers)
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return response
    except (httpx.TransportError, httpx.InvalidURL):
        pass
    try:
        return client.post(url, json=sign_up, headers=headers)
    except (httpx.TransportError, httpx.InvalidURL) as error:
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
    """The faults of the fields, or else what is wrong with the request; the title is the status line's."""
    errors = problem.get("errors")
    faults = errors if isinstance(errors, list) else []
    return "\n".join(f"  {fault['message']}" for fault in faults) or str(problem.get("detail") or "")


def _follow(created: Mapping[str, object], ui_url: str, client: httpx.Client) -> str:
    try:
        mail = ask_status(ui_url, client).mail
    except StackError as error:
        return f"{error} The welcome mail goes to send_email's SMTP_HOST."
    journey = f"Journey: {ui_url}/#/journeys/{created['id']}"
    if mail and not mail.inbox:
        to = "" if mail.local else ", to the real address"
        return f"{journey}\nThe welcome mail is sent through {mail.server}{to}: it does not arrive in the inbox here."
    return f"{journey}\n{_await_mail(str(created['email']), ui_url, client)}"


def _await_mail(email: str, ui_url: str, client: httpx.Client) -> str:
    started = time.monotonic()
    while (waited := time.monotonic() - started) < _MAIL_SECONDS:
        try:
            found = client.get(f"{ui_url}/api/v1/search", params={"query": f'to:"{email}"'}).json()
        except httpx.TransportError:
            return f"The inbox has stopped responding at {ui_url}."
        for mail in found["messages"]:
            if any(comparable(recipient["Address"]) == comparable(email) for recipient in mail["To"]):
                return f"Mail, arrived after {waited:.1f} s: {ui_url}/#/inbox/mail/{mail['ID']}"
        time.sleep(_POLL_SECONDS)
    return f"No welcome mail arrived within {_MAIL_SECONDS} s: the journey says what it waits for."
