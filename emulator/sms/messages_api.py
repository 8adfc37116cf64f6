"""Twilio's Messages API, as far as it sends SMS, with the errors that Twilio documents."""

import re
import secrets
from base64 import b64encode
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from emulator.sms.sms_inbox import Sms, SmsInbox

ACCOUNT_SID = f"AC{0:032}"
AUTH_TOKEN = "a-local-token-that-protects-nothing"  # noqa: S105  no secret: the service is on this machine only
_BASIC = "Basic " + b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
_LONGEST_BODY = 1600
_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Basic realm="Twilio API"'},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "1"},
}
# Numbers that never work: https://www.twilio.com/docs/iam/test-credentials
_MAGIC_SENDERS = {
    "+15005550001": (21212, "The 'From' number is not a valid phone number."),
    "+15005550007": (21606, "The 'From' number is not yours or cannot send SMS."),
}
_MAGIC_RECIPIENTS = {
    "+15005550001": (21211, "The 'To' number is not a valid phone number."),
    "+15005550002": (21612, "The 'To' number cannot be reached from the 'From' number."),
    "+15005550003": (21408, "Your account may not send SMS to the region of the 'To' number."),
    "+15005550004": (21610, "The 'To' number has unsubscribed from the 'From' number."),
    "+15005550009": (21614, "The 'To' number is not a mobile number."),
}


def messages_api_routes(inbox: SmsInbox) -> list[BaseRoute]:
    """The route that accepts SMS for the one account that there is."""

    async def create_message(request: Request) -> JSONResponse:
        if not secrets.compare_digest(request.headers.get("authorization", "").encode(), _BASIC.encode()):
            return _problem(HTTPStatus.UNAUTHORIZED, 20003, "Authenticate")
        if request.path_params["account_sid"] != ACCOUNT_SID:
            return _problem(HTTPStatus.NOT_FOUND, 20404, f"The requested resource {request.url.path} was not found")
        if inbox.fault:
            return _problem(*inbox.fault.value)
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        sender, to, body = (form.get(name, "") for name in ("From", "To", "Body"))
        if refusal := _refusal(sender, to, body):
            return _problem(HTTPStatus.BAD_REQUEST, *refusal)
        sms = Sms(sender=sender, to=to, body=body, traceparent=request.headers.get("traceparent", ""))
        inbox.add(sms)
        answer = {"sid": sms.sid, "account_sid": ACCOUNT_SID, "from": sender, "to": to, "body": body}
        return JSONResponse({**answer, "status": "queued", "error_code": None}, HTTPStatus.CREATED)

    return [Route("/2010-04-01/Accounts/{account_sid}/Messages.json", create_message, methods=["POST"])]


def _refusal(sender: str, to: str, body: str) -> tuple[int, str] | None:
    """Twilio's code and words for what it does not send."""
    if not to:
        return 21604, "A 'To' phone number is required."
    if not sender:
        return 21603, "A 'From' phone number is required."
    if not body:
        return 21602, "Message body is required."
    if len(body) > _LONGEST_BODY:
        return 21617, "The message body exceeds the 1600 character limit."
    if not re.fullmatch(r"\+[1-9][0-9]{1,14}", to):
        return 21211, "The 'To' number is not a valid phone number."
    return _MAGIC_SENDERS.get(sender) or _MAGIC_RECIPIENTS.get(to)


def _problem(status: HTTPStatus, code: int, message: str) -> JSONResponse:
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    content = {"code": code, "message": message, "more_info": more_info, "status": status}
    return JSONResponse(content, status, _HEADERS.get(status))
