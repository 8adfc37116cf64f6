"""Where functions call libraries, and what those may raise there: each exception says whatever must not leak."""

import smtplib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPException, LineTooLong, RemoteDisconnected
from typing import Any
from unittest.mock import Mock, patch

from google.api_core import exceptions as google_exceptions
from google.api_core.exceptions import RetryError

from testkit.canary import KINDS, PASSWORD
from testkit.rpcs import rpcs_through

TEXT = " ".join([PASSWORD, *KINDS.values()])
BUGS = (
    ValueError(TEXT),
    KeyError(TEXT),
    UnicodeEncodeError("ascii", TEXT, 0, 1, TEXT),
    ExceptionGroup(TEXT, [OSError()]),
)
OF_GOOGLE: Sequence[Exception] = [
    *(kind(TEXT) for kind in vars(google_exceptions).values() if getattr(kind, "grpc_status_code", None)),
    RetryError(TEXT, OSError(TEXT)),  # type: ignore[no-untyped-call]  # the library's gap
]
OF_SMTP = (
    *(
        kind(550, TEXT.encode())
        for kind in smtplib.SMTPResponseException.__subclasses__()
        if kind is not smtplib.SMTPSenderRefused
    ),
    *(smtplib.SMTPSenderRefused(550, TEXT.encode(), TEXT), smtplib.SMTPRecipientsRefused({TEXT: (550, TEXT.encode())})),
    *(smtplib.SMTPServerDisconnected(TEXT), smtplib.SMTPNotSupportedError(TEXT), OSError(TEXT)),
)
OF_HTTP = (*(kind(TEXT) for kind in (HTTPException, BadStatusLine, LineTooLong, RemoteDisconnected)), OSError(TEXT))
# What is replaced, a function or the RPC of a name of that number and later ones, and what it may raise besides bugs.
SEAMS: dict[str, dict[str, Sequence[Exception]]] = {
    "create_user": {
        "bcrypt.hashpw": (),
        "rpc:Commit#1": OF_GOOGLE,
        "rpc:Publish#1": OF_GOOGLE,
        "rpc:Commit#2": OF_GOOGLE,
        "msgspec.json.encode": (),
    },
    "create_user, requested": {
        "rpc:BatchGetDocuments#1": OF_GOOGLE,
        "rpc:BatchGetDocuments#2": OF_GOOGLE,
        "rpc:Commit#1": OF_GOOGLE,
        "rpc:Publish#1": OF_GOOGLE,
    },
    "create_user, finished": {
        "hmac.compare_digest": (),
        "rpc:BatchGetDocuments#1": OF_GOOGLE,
        "rpc:Commit#1": OF_GOOGLE,
    },
    "relay_outbox": {
        "rpc:RunQuery#1": OF_GOOGLE,
        "rpc:Publish#1": OF_GOOGLE,
        "rpc:RunAggregationQuery#1": OF_GOOGLE,
    },
    "audit": {"google.cloud.firestore.Query.get": OF_GOOGLE, "google.cloud.firestore.Client.get_all": OF_GOOGLE},
    "send_email": {
        "rpc:Commit#1": OF_GOOGLE,
        "rpc:Commit#2": OF_GOOGLE[:1],
        "jinja2.Template.render": (),
        "socket.getaddrinfo": OF_SMTP,
        "smtplib.SMTP.ehlo": OF_SMTP,
        "smtplib.SMTP.login": OF_SMTP,
        "smtplib.SMTP.mail": OF_SMTP,
        "smtplib.SMTP.rcpt": OF_SMTP,
        "smtplib.SMTP.docmd": OF_SMTP,
    },
    "send_email, link": {"hmac.digest": (), "jinja2.Template.render": (), "smtplib.SMTP.docmd": OF_SMTP},
    "send_email, repeated": {"jinja2.Template.render": (), "smtplib.SMTP.docmd": OF_SMTP},
    "notify_admin": {
        "socket.getaddrinfo": OF_HTTP,
        "http.client.HTTPConnection.request": OF_HTTP,
        "http.client.HTTPConnection.getresponse": OF_HTTP,
        "http.client.HTTPResponse.read": OF_HTTP,
    },
    "send_email, malformed": {"rpc:Commit#1": OF_GOOGLE},
}


@contextmanager
def broken(seam: str, error: Exception) -> Iterator[Mock]:
    """Have the seam raise the error; yield what counts that."""
    name, _, number = seam.removeprefix("rpc:").partition("#")
    if not number:
        with patch(seam, side_effect=error) as failing:
            yield failing
        return
    failing, made = Mock(side_effect=error), Counter[str]()

    def make(called: str, _request: object, make: Callable[[], Any]) -> Any:
        made[called] += 1
        return failing() if called == name and made[called] >= int(number) else make()

    with rpcs_through(make):
        yield failing
