"""Has Twilio, or another service that speaks its Messages API, send an SMS: the only file that speaks HTTP."""

import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from shared.deliveries.delivery import NotDeliveredError, UndeliverableError
from shared.runtime import tracing
from shared.runtime.deadline_connection import DeadlineConnection

_ACCEPTED = range(200, 300)
_NOT_PROCESSED = range(400, 500)
_LARGEST_ANSWER_BYTES = 64 * 1024
# The one refusal that concerns the event: both numbers and the account are settings, which the operator fixes.
_TEXT_TOO_LONG = 21617  # https://www.twilio.com/docs/api/errors


class _Refusal(msgspec.Struct):
    """What the API says about a request that it did not carry out."""

    code: int


@dataclass(frozen=True, kw_only=True)
class TwilioMessages:
    """One account of the API at `base_url`, and the number or name that its SMS come from."""

    base_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    sender: str

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """Kept, because reading whom the system trusts takes some 25 ms of CPU time."""
        return ssl.create_default_context() if urlsplit(self.base_url).scheme == "https" else None

    def send(self, text: str, *, to: str, deadline: float) -> None:
        """
        Have the service accept the SMS before `deadline` on the monotonic clock.

        The API has no idempotency key: a request without a response may have been sent. Its Retry-After is not
        honoured: the broker's own back-off is longer.

        Raises:
            UndeliverableError: This text was permanently refused.
            NotDeliveredError: Anything else, bad credentials and a refused number of ours or the admin's included.
        """
        form = urlencode({"To": to, "From": self.sender, "Body": text})
        path = f"{urlsplit(self.base_url).path}/2010-04-01/Accounts/{quote(self.account_sid)}/Messages.json"
        headers = {
            "Authorization": "Basic " + b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "traceparent": tracing.current_traceparent(),
        }
        try:
            with _connected(self.base_url, self._tls, deadline) as connection:
                if monotonic() >= deadline:
                    raise NotDeliveredError("sms_deadline_passed")
                connection.request("POST", path, form, headers)
                _expect_acceptance(connection)
        except OSError as error:
            raise NotDeliveredError("sms_connection_failed") from error


@contextmanager
def _connected(base_url: str, tls: ssl.SSLContext | None, deadline: float) -> Iterator[HTTPConnection]:
    url = urlsplit(base_url)
    host = url.hostname or ""
    connection = HTTPSConnection(host, url.port, context=tls) if tls else HTTPConnection(host, url.port)
    connection.sock = DeadlineConnection(host, connection.port, deadline=deadline, tls=tls)
    with closing(connection):
        yield connection


def _expect_acceptance(connection: HTTPConnection) -> None:
    """From here on the service may have accepted the SMS without our learning it."""
    try:
        response = connection.getresponse()
        if response.status in _ACCEPTED:
            return
        answer = response.read(_LARGEST_ANSWER_BYTES)
    except (OSError, HTTPException) as error:
        raise NotDeliveredError("sms_reply_lost", outcome_unknown=True) from error
    try:
        code = msgspec.json.decode(answer, type=_Refusal).code
    except (msgspec.DecodeError, RecursionError):
        raise _not_delivered(f"http_{response.status}", response.status) from None
    if response.status == HTTPStatus.BAD_REQUEST and code == _TEXT_TOO_LONG:
        raise UndeliverableError(f"twilio_{code}")
    raise _not_delivered(f"twilio_{code}", response.status)


def _not_delivered(code: str, status: int) -> NotDeliveredError:
    return NotDeliveredError(code, outcome_unknown=status not in _NOT_PROCESSED)
