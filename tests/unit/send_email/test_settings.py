import pytest

from send_email.settings import Sender, Settings, SmtpSecurity
from shared.settings import SettingsError, read_settings
from tests.entry_points import FUNCTIONS, loaded

ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "SMTP_HOST": "smtp.example",
    "MAIL_FROM": "Usher <welcome@usher.example>",
}


def test_connection_is_protected_unless_told_otherwise() -> None:
    settings = read_settings(Settings, ENVIRONMENT)

    assert (settings.smtp_security, settings.smtp_port) == (SmtpSecurity.STARTTLS, 587)


def test_lease_outlasts_the_deadline_by_default() -> None:
    settings = read_settings(Settings, ENVIRONMENT)

    assert (settings.smtp_deadline_seconds, settings.lease_seconds) == (30, 45)


@pytest.mark.parametrize("lease", ["10", "9.5"])
def test_lease_that_does_not_outlast_the_deadline_is_refused(lease: str) -> None:
    with pytest.raises(SettingsError, match="LEASE_SECONDS"):
        read_settings(Settings, ENVIRONMENT | {"LEASE_SECONDS": lease, "SMTP_DEADLINE_SECONDS": "10"})


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("Usher <welcome@usher.example>", Sender("Usher", "welcome", "usher.example")),
        ("welcome@usher.example", Sender("", "welcome", "usher.example")),
        ('"Usher, Inc." <welcome@usher.example>', Sender("Usher, Inc.", "welcome", "usher.example")),
    ],
)
def test_sender_is_an_address_with_or_without_a_name(text: str, sender: Sender) -> None:
    assert read_settings(Settings, ENVIRONMENT | {"MAIL_FROM": text}).mail_from == sender


@pytest.mark.parametrize("text", ["Usher", "welcome@", "@usher.example", "Usher <>", "welcome@bücher.example"])
def test_sender_that_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM: Expected an ASCII address"):
        read_settings(Settings, ENVIRONMENT | {"MAIL_FROM": text})


def test_password_shows_in_no_repr() -> None:
    assert "canary" not in repr(read_settings(Settings, ENVIRONMENT | {"SMTP_PASSWORD": "canary"}))


def test_wrong_settings_stop_the_start() -> None:
    with (
        pytest.raises(SettingsError, match=r"SMTP_HOST is missing\nMAIL_FROM is missing"),
        loaded(FUNCTIONS / "send_email" / "main.py", "send_email", {"GOOGLE_CLOUD_PROJECT": "usher"}),
    ):
        pass


def test_right_settings_start() -> None:
    with loaded(FUNCTIONS / "send_email" / "main.py", "send_email", ENVIRONMENT) as client:
        assert client.get("/").status_code == 405


@pytest.mark.parametrize(
    "changes",
    [
        {"SMTP_USER": "me", "SMTP_SECURITY": "none"},
        {"SMTP_USER": "me", "SMTP_PASSWORD": "pässword"},
        {"SMTP_USER": "jürgen"},
    ],
)
def test_login_that_would_fail_or_be_overheard_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="SMTP_USER"):
        read_settings(Settings, ENVIRONMENT | changes)


def test_unprotected_login_is_accepted_on_this_machine() -> None:
    here = {"SMTP_HOST": "127.0.0.1", "SMTP_USER": "me", "SMTP_SECURITY": "none"}

    assert read_settings(Settings, ENVIRONMENT | here).smtp_user == "me"
