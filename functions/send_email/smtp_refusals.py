"""Tells whose fault an SMTP server's refusal is. The table is in docs/delivering-once.md."""

import re
from dataclasses import dataclass

_ENHANCED_CODE = re.compile(rb"^#?([245]\.\d{1,3}\.\d{1,3})\b(?!\.\d)", re.MULTILINE)  # RFC 2034; some put a # first
_OUR_CODES = {503, 530, 535, 538}
_OUR_SUBJECTS = re.compile(r"5\.(?:[45]\.\d+|7\.(?:8|9|11))")
_POLICY = {"5.7.0", "5.7.1"}
_RELAYING_OR_LOGIN = re.compile(rb"relay|authenticat|credential|\bauth\b|\blog(?:ged)?.?in\b", re.IGNORECASE)
_QUOTA_OR_RATE = re.compile(
    rb"quota|\brates?\b|rate.?limit|throttl|too many|(?:daily|hourly|sending) limit|per (?:minute|hour|day)\b",
    re.IGNORECASE,
)
_ADDRESSES_AND_LINKS = re.compile(rb"\S*(?:@|://)\S*")  # whoever signs up chooses what the first say


@dataclass(frozen=True)
class Reply:
    """A server's reply. Its text may name people: only the codes in it are for records and logs."""

    code: int
    text: bytes

    @property
    def enhanced_code(self) -> str:
        """`5.7.1`, of the first line that has one; else empty."""
        found = _ENHANCED_CODE.search(self.text)
        return found[1].decode() if found else ""

    def named(self, command: str) -> str:
        """The reply's name in records and logs: `rcpt_550_5.7.1`, `rcpt_550`."""
        return "_".join(filter(None, (command, str(self.code), self.enhanced_code)))

    def refuses_recipient_or_message(self) -> bool:
        """Whether the mail is permanently refused. A refusal of us, our login or our relay may be repaired."""
        enhanced = self.enhanced_code
        if self.code not in range(500, 600) or self.code in _OUR_CODES or _OUR_SUBJECTS.fullmatch(enhanced):
            return False
        if enhanced and not enhanced.startswith("5."):
            return False  # it contradicts the code: a mail is not given up for that
        text = _ADDRESSES_AND_LINKS.sub(b"", self.text)
        if _RELAYING_OR_LOGIN.search(text) and (not enhanced or enhanced in _POLICY):
            return False
        return not (_QUOTA_OR_RATE.search(text) and enhanced in _POLICY)
