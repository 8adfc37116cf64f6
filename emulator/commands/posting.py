"""Posts to create_user, and says what it answers."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from uuid import uuid4

import httpx

from emulator.processes.errors import StackError


def post(
    body: Mapping[str, str], url: str, *, client: httpx.Client, say: Callable[[str], None]
) -> Mapping[str, object] | None:
    """
    Post `body`, say the answer, and return it if it is a success.

    Raises:
        StackError: Nothing responds at `url`.
    """
    response = _response(body, url, client)
    say(f"{response.status_code} {response.reason_phrase}")
    answer = _json_object(response)
    if not response.is_success:
        say(_readable_problem(answer) or response.text.strip())
        return None
    say(json.dumps(answer, indent=2, ensure_ascii=False))
    return answer


def _response(body: Mapping[str, str], url: str, client: httpx.Client) -> httpx.Response:
    # The same key both times: the second request cannot make a second user.
    headers = {"Idempotency-Key": str(uuid4())}
    try:
        response = client.post(url, json=body, headers=headers)
        if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return response
    except (httpx.TransportError, httpx.InvalidURL):
        pass
    try:
        return client.post(url, json=body, headers=headers)
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
    lines = [f"  {fault['message']}" for fault in faults]
    if any(fault.get("field") == "token" for fault in faults):
        lines.append("The mailbox comes first here (VERIFY_EMAIL): POST the address to /sign-ups, and open the link.")
    return "\n".join(lines) or str(problem.get("detail") or "")
