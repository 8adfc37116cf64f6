"""Says in words what the functions' codes mean."""

import re

_WORDS = {
    "smtp_connection_failed": "the mail server is not responding",
    "smtp_extension_missing": "the mail server does not offer the requested encryption",
    "smtp_auth_unsupported": "the mail server does not support password authentication",
    "smtputf8_unsupported": "the mail server cannot deliver to this address",
    "deadline_passed": "the mail server took too long",
    "sms_connection_failed": "the SMS service is not responding",
    "sms_deadline_passed": "the SMS service took too long",
    "sms_reply_lost": "the SMS service's response was lost",
    "link_expired": "less than an hour was left of the link",
    "reply_to_data_lost": "the mail server's reply was lost",
    "PublisherUnavailableError": "the message broker is not responding",
    "EventRefusedError": "the message broker rejects this event",
    "OutboxUnavailableError": "Firestore is not responding",
}
_TWILIO_REPLY = re.compile(r"twilio_(\d+)")
_HTTP_REPLY = re.compile(r"http_(\d{3})")
_SMTP_REPLY = re.compile(r"(smtp|mail|rcpt|data)_(\d{3})(?:_(\d\.\d+\.\d+))?")
_REPLIED_TO = {"smtp": "the connection", "mail": "the sender", "rcpt": "the recipient", "data": "the message"}


def in_words(code: str) -> str:
    """What a code of the logs or of a delivery record means; the code itself where that is unknown."""
    if reply := _SMTP_REPLY.fullmatch(code):
        return f"the mail server refused {_REPLIED_TO[reply[1]]} ({' '.join(filter(None, reply.groups()[1:]))})"
    if reply := _TWILIO_REPLY.fullmatch(code):
        return f"the SMS service responded with error {reply[1]}"
    if reply := _HTTP_REPLY.fullmatch(code):
        return f"the SMS service responded with HTTP status {reply[1]}"
    return _WORDS.get(code, code)
