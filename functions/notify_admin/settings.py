"""What notify_admin reads from its environment."""

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from shared.runtime.settings import THIS_MACHINE, Secret, SettingsError


class SmsContent(StrEnum):
    """How much of a user's personal data is texted."""

    ID = "id"
    NAME = "name"
    NAME_AND_EMAIL = "name-and-email"


class ApiUrl(str):
    """Where an API is, without a slash at the end: `https://api.twilio.com`. Plain http is for this machine only."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "ApiUrl":
        url = urlsplit(text)
        plain = re.fullmatch("[!-~]+", text)  # what else an address may hold, http.client fails at or urlsplit drops
        protected = url.scheme == "https" or (url.scheme == "http" and url.hostname in THIS_MACHINE)
        if not (plain and protected and url.hostname and url.port != 0) or url.username or url.query or url.fragment:
            raise ValueError("Expected a URL such as https://api.twilio.com")
        return cls(text.rstrip("/"))


class PhoneNumber(str):
    """A number in the E.164 form."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "PhoneNumber":
        if not re.fullmatch(r"\+[1-9][0-9]{1,14}", text):
            raise ValueError("Expected a phone number such as +441632960123")
        return cls(text)


class Settings(Struct, frozen=True, kw_only=True):
    """Times are in seconds. The order deadline < lease < request timeout (50 s) prevents duplicates."""

    google_cloud_project: str
    sms_base_url: ApiUrl = ApiUrl("https://api.twilio.com")
    sms_account_sid: str
    sms_auth_token: Secret
    sms_from: str
    sms_to: PhoneNumber
    sms_content: SmsContent = SmsContent.ID
    sms_deadline_seconds: Annotated[float, Meta(gt=0, le=30)] = 30
    product_name: str = "Usher"
    lease_seconds: Annotated[float, Meta(gt=0, le=45)] = 45

    def __post_init__(self) -> None:
        if self.sms_deadline_seconds >= self.lease_seconds:
            raise SettingsError(
                "SMS_DEADLINE_SECONDS must be below LEASE_SECONDS: otherwise a second attempt may start meanwhile"
            )
