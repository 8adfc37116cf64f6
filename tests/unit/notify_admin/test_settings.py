import pytest

from notify_admin.settings import Settings, SmsContent
from shared.runtime.settings import SettingsError, read_settings
from testkit.entry_points import FUNCTIONS, loaded

ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "SMS_ACCOUNT_SID": "AC1",
    "SMS_AUTH_TOKEN": "canary",
    "SMS_FROM": "Usher",
    "SMS_TO": "+441632960001",
}


def test_no_personal_data_is_texted_unless_told_otherwise() -> None:
    assert read_settings(Settings, ENVIRONMENT).sms_content is SmsContent.ID


def test_lease_outlasts_the_deadline_by_default() -> None:
    settings = read_settings(Settings, ENVIRONMENT)

    assert (settings.sms_deadline_seconds, settings.lease_seconds) == (30, 45)


def test_lease_that_does_not_outlast_the_deadline_is_refused() -> None:
    with pytest.raises(SettingsError, match="LEASE_SECONDS"):
        read_settings(Settings, ENVIRONMENT | {"LEASE_SECONDS": "10", "SMS_DEADLINE_SECONDS": "10"})


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.twilio.com", "https://api.twilio.com"),
        ("https://example.signalwire.com/api/laml/", "https://example.signalwire.com/api/laml"),
        ("http://127.0.0.1:8088/", "http://127.0.0.1:8088"),
        ("http://[::1]:8088", "http://[::1]:8088"),
    ],
)
def test_api_is_an_address_without_its_last_slash(text: str, url: str) -> None:
    assert read_settings(Settings, ENVIRONMENT | {"SMS_BASE_URL": text}).sms_base_url == url


@pytest.mark.parametrize(
    "text",
    [
        "api.twilio.com",
        "http://api.twilio.com",
        "ftp://127.0.0.1",
        "https://",
        "https://me@api.twilio.com",
        "https://api.twilio.com/?a=b",
        "https://api.twilio.com:x",
        "https://api.twilio.com/a b",
        "https://api.twilio.com/a\tb",
        "https://api.twilio.com/é",
    ],
)
def test_api_that_is_not_a_protected_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SMS_BASE_URL: "):
        read_settings(Settings, ENVIRONMENT | {"SMS_BASE_URL": text})


@pytest.mark.parametrize("number", ["441632960001", "+0", "+44 1632 960001", "+" + "4" * 16, "admin"])
def test_admin_without_a_phone_number_is_refused(number: str) -> None:
    with pytest.raises(SettingsError, match="SMS_TO: must be a phone number"):
        read_settings(Settings, ENVIRONMENT | {"SMS_TO": number})


def test_token_shows_in_no_repr() -> None:
    assert "canary" not in repr(read_settings(Settings, ENVIRONMENT))


def test_wrong_settings_stop_the_start() -> None:
    with (
        pytest.raises(SettingsError, match=r"SMS_ACCOUNT_SID: must be set\nSMS_AUTH_TOKEN: must be set"),
        loaded(FUNCTIONS / "notify_admin" / "main.py", "notify_admin", {"GOOGLE_CLOUD_PROJECT": "usher"}),
    ):
        pass


def test_right_settings_start() -> None:
    with loaded(FUNCTIONS / "notify_admin" / "main.py", "notify_admin", ENVIRONMENT) as client:
        assert client.get("/").status_code == 405
