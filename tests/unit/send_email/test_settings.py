import pytest

from send_email.settings import Settings, SmtpSecurity
from shared.runtime.settings import SettingsError, read_settings
from testkit.entry_points import FUNCTIONS, loaded
from tests.senders import BAD, GOOD

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


@pytest.mark.parametrize(("text", "sender"), GOOD.items())
def test_sender_is_an_address_with_or_without_a_name(text: str, sender: tuple[str, str]) -> None:
    mail_from = read_settings(Settings, ENVIRONMENT | {"MAIL_FROM": text}).mail_from

    assert (mail_from.display_name, mail_from.addr_spec) == sender


@pytest.mark.parametrize("text", BAD)
def test_sender_that_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM: must be an ASCII address"):
        read_settings(Settings, ENVIRONMENT | {"MAIL_FROM": text})


@pytest.mark.parametrize("host", ["smtp.example", "mail_1", "bücher.example", "192.0.2.1", "::1", "2001:db8::25"])
def test_mail_server_is_a_name_or_an_ip_address(host: str) -> None:
    assert read_settings(Settings, ENVIRONMENT | {"SMTP_HOST": host}).smtp_host == host


@pytest.mark.parametrize(
    "host", ["smtp.example:465", "[::1]", "smtps://smtp.example", "me@smtp.example", "smtp.example/", "a b", "\udcff"]
)
def test_mail_server_with_more_than_its_name_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_HOST: must be a host name or an IP address alone"):
        read_settings(Settings, ENVIRONMENT | {"SMTP_HOST": host})


@pytest.mark.parametrize(
    "name", ["Usher\nBcc: all@usher.example", "Us\rher", "Us\u2028her", "Us\x85her", "Us\udce4her"]
)
def test_product_whose_name_could_not_be_in_a_subject_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="PRODUCT_NAME: must be a single line"):
        read_settings(Settings, ENVIRONMENT | {"PRODUCT_NAME": name})


def test_brand_color_is_six_hexadecimal_digits() -> None:
    assert read_settings(Settings, ENVIRONMENT | {"BRAND_COLOR": "#1F6f54"}).brand_color == "#1F6f54"


@pytest.mark.parametrize("color", ["1f6f54", "#1f6", "#1f6f5g", "teal", "#1f6f54; display: none", "#1f6f54ff"])
def test_brand_color_in_another_notation_is_refused(color: str) -> None:
    with pytest.raises(SettingsError, match="BRAND_COLOR: must be a colour such as #2b5fd9"):
        read_settings(Settings, ENVIRONMENT | {"BRAND_COLOR": color})


def test_password_shows_in_no_repr() -> None:
    assert "canary" not in repr(read_settings(Settings, ENVIRONMENT | {"SMTP_PASSWORD": "canary"}))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/sign-up",
        "https://example.com",
        "https://b%C3%BCcher.example:8443/o'brien&co",
        "http://127.0.0.1:8080/sign-up",
        "http://[::1]:8080/sign-up",
        "http://localhost/sign-up",
    ],
)
def test_page_of_links_is_on_https_or_on_this_machine(url: str) -> None:
    assert read_settings(Settings, ENVIRONMENT | {"SIGN_UP_URL": url}).sign_up_url == url


@pytest.mark.parametrize(
    "url",
    [
        "example.com/sign-up",
        "http://example.com/sign-up",
        "javascript:alert(1)",
        "https:///sign-up",
        "https://[::1/sign-up",
        "https://example.com:99999/sign-up",
        "https://me:secret@example.com/sign-up",  # pragma: allowlist secret
        "https://@example.com/sign-up",
        "https://example.com/sign-up?from=mail",
        "https://example.com/sign-up#",
        "https://example.com/sign up",
        'https://example.com/">',
        "https://bücher.example/sign-up",
        "https://example.com/\udce4",
    ],
)
def test_page_of_links_that_would_mislead_or_leak_its_token_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(SettingsError, match="SIGN_UP_URL: must be an https URL") as refusal:
        read_settings(Settings, ENVIRONMENT | {"SIGN_UP_URL": url})
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("keys", ["canary", "1:canary", f"1:{'c' * 32} 1:{'d' * 32}", f":{'c' * 32}"])
def test_link_keys_that_are_none_are_refused_and_not_quoted(keys: str) -> None:
    with pytest.raises(SettingsError, match="LINK_KEYS: must be lines of VERSION:SECRET") as refusal:
        read_settings(Settings, ENVIRONMENT | {"LINK_KEYS": keys, "SIGN_UP_URL": "https://example.com"})
    assert not any(secret in str(refusal.value) for secret in ("canary", "c" * 32))


def test_link_keys_need_a_page_and_show_in_no_repr() -> None:
    keys = {"LINK_KEYS": f"1:{'c' * 32}"}

    settings = read_settings(Settings, ENVIRONMENT | keys | {"SIGN_UP_URL": "https://example.com"})

    assert "c" * 32 not in repr(settings)
    with pytest.raises(SettingsError, match="SIGN_UP_URL: must be set with LINK_KEYS"):
        read_settings(Settings, ENVIRONMENT | keys)


def test_wrong_settings_stop_the_start() -> None:
    with (
        pytest.raises(SettingsError, match=r"SMTP_HOST: must be set\nMAIL_FROM: must be set"),
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
    with pytest.raises(SettingsError, match=r"SMTP_.*: must be "):
        read_settings(Settings, ENVIRONMENT | changes)


def test_unprotected_login_is_accepted_on_this_machine() -> None:
    here = {"SMTP_HOST": "127.0.0.1", "SMTP_USER": "me", "SMTP_SECURITY": "none"}

    assert read_settings(Settings, ENVIRONMENT | here).smtp_user == "me"
