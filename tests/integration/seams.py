"""Where functions call libraries, and what those may raise there: each exception says whatever must not leak."""

import smtplib
from collections.abc import Sequence
from http.client import BadStatusLine, HTTPException, LineTooLong, RemoteDisconnected

from google.api_core import exceptions as google_exceptions
from google.api_core.exceptions import RetryError

from testkit.canary import KINDS, PASSWORD

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
# What is replaced, and what it may raise besides bugs.
SEAMS: dict[str, dict[str, Sequence[Exception]]] = {
    "create_user": {
        "bcrypt.hashpw": (),
        "google.cloud.firestore.WriteBatch.commit": OF_GOOGLE,
        "google.pubsub_v1.PublisherClient.publish": OF_GOOGLE,
        "google.cloud.firestore.DocumentReference.delete": OF_GOOGLE,
        "msgspec.json.encode": (),
    },
    "create_user, requested": {
        "google.cloud.firestore.Client.get_all": OF_GOOGLE,
        "google.cloud.firestore.DocumentReference.get": OF_GOOGLE,
        "google.cloud.firestore.WriteBatch.commit": OF_GOOGLE,
        "google.pubsub_v1.PublisherClient.publish": OF_GOOGLE,
    },
    "create_user, finished": {
        "hmac.compare_digest": (),
        "google.cloud.firestore.Client.get_all": OF_GOOGLE,
        "google.cloud.firestore.WriteBatch.commit": OF_GOOGLE,
    },
    "relay_outbox": {
        "google.cloud.firestore.Query.get": OF_GOOGLE,
        "google.pubsub_v1.PublisherClient.publish": OF_GOOGLE,
        "google.cloud.firestore.CollectionReference.count": OF_GOOGLE,
    },
    "audit": {"google.cloud.firestore.Query.get": OF_GOOGLE, "google.cloud.firestore.Client.get_all": OF_GOOGLE},
    "send_email": {
        "google.cloud.firestore.DocumentReference.create": OF_GOOGLE,
        "google.cloud.firestore.DocumentReference.update": OF_GOOGLE[:1],
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
    "send_email, malformed": {"google.cloud.firestore.DocumentReference.set": OF_GOOGLE},
}
