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
        plain = re.fullmatch("[!-~]+", text)  # http.client fails at anything else, or urlsplit drops it
        protected = url.scheme == "https" or (url.scheme == "http" and url.hostname in THIS_MACHINE)
        if not (plain and protected and url.hostname and url.port != 0) or url.username or url.query or url.fragment:
            raise ValueError("must be a URL such as https://api.twilio.com")
        return cls(text.rstrip("/"))


class PhoneNumber(str):
    """A number in the E.164 form."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "PhoneNumber":
        if not re.fullmatch(r"\+[1-9][0-9]{1,14}", text):
            raise ValueError("must be a phone number such as +441632960123")
        return cls(text)


class Settings(Struct, frozen=True, kw_only=True):
    """Times are in seconds. The order deadline < lease < request timeout (50 s) prevents duplicates."""

    google_cloud_project: str
    """The project that holds Firestore."""
    sms_base_url: ApiUrl = ApiUrl("https://api.twilio.com")
    """Twilio's API, or another service that speaks it. Plain `http` only on this machine."""
    sms_account_sid: str
    """The account that sends."""
    sms_auth_token: Secret
    """The account's token."""
    sms_from: str
    """The sender: a number or a name that the account may use."""
    sms_to: PhoneNumber
    """The admin's number in E.164 form, such as `+441632960123`."""
    sms_content: SmsContent = SmsContent.ID
    """How much of a user's personal data the SMS holds."""
    sms_deadline_seconds: Annotated[float, Meta(gt=0, le=30)] = 30
    """The deadline of the whole request. Must be below `LEASE_SECONDS`, or a second SMS may start."""
    product_name: str = "Usher"
    """The product's name, as the SMS has it."""
    lease_seconds: Annotated[float, Meta(gt=0, le=45)] = 45
    """How long a delivery stays claimed. Must end before the request times out (50 s)."""

    def __post_init__(self) -> None:
        if self.sms_deadline_seconds >= self.lease_seconds:
            raise SettingsError(
                f"SMS_DEADLINE_SECONDS: must be below LEASE_SECONDS={self.lease_seconds:g} "
                f"(got {self.sms_deadline_seconds:g}), or a second attempt may start meanwhile"
            )
