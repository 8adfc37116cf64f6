import os

import pytest

from create_user.settings import ClearOutbox, Settings
from shared.events.codec import Encoding
from shared.runtime.settings import SettingsError, read_settings

PEPPER = "1:" + "canary" * 6
ENVIRONMENT = {"GOOGLE_CLOUD_PROJECT": "usher", "EVENT_TOPIC": "user.created", "PASSWORD_PEPPERS": PEPPER}

NUMBERS_AND_CHOICES = {
    *("BCRYPT_ROUNDS", "PASSWORD_MIN_LENGTH", "HASH_QUEUE_SECONDS", "HASH_CPUS", "CLEAR_OUTBOX", "EVENT_ENCODING"),
    *("VERIFY_EMAIL", "SIGN_UPS_A_MINUTE", "MAX_INSTANCES"),
}


def test_what_names_no_resource_has_a_default() -> None:
    settings = read_settings(Settings, ENVIRONMENT)

    assert (settings.event_encoding, settings.bcrypt_rounds, settings.password_min_length) == (Encoding.JSON, 12, 15)


def test_all_that_is_missing_is_listed_at_once() -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(Settings, {})

    assert all(name in str(refusal.value) for name in ENVIRONMENT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BCRYPT_ROUNDS", "9"),
        ("BCRYPT_ROUNDS", "17"),
        ("PASSWORD_MIN_LENGTH", "7"),
        ("HASH_QUEUE_SECONDS", "-1"),
        ("HASH_QUEUE_SECONDS", "11.1"),  # a repeat may wait twice within its 60 s
        ("HASH_CPUS", "0"),
        ("HASH_CPUS", "0.5"),
        ("CLEAR_OUTBOX", "never"),
        ("HASH_QUEUE_SECONDS", "nan"),
        ("EVENT_ENCODING", "xml"),
        ("PASSWORD_PEPPERS", "1:canary"),
        ("PASSWORD_BLOCKLIST", "/no/such/file"),
        ("VERIFY_EMAIL", "perhaps"),
        ("LINK_KEYS", "1:canary"),
        ("SIGN_UPS_A_MINUTE", "0"),
        ("MAX_INSTANCES", "0"),
    ],
)
def test_absurd_value_is_refused_by_name_and_quoted_if_it_is_a_number_or_a_choice(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: must be ") as refusal:
        read_settings(Settings, ENVIRONMENT | {name: value})

    assert (f"(got {value})" in str(refusal.value)) is (name in NUMBERS_AND_CHOICES)
    assert "canary" not in str(refusal.value)


def test_without_settings_the_entry_is_cleared_before_the_response_and_the_machine_says_its_cpus() -> None:
    settings = read_settings(Settings, ENVIRONMENT)

    assert (settings.clear_outbox, settings.hash_cpus) == (ClearOutbox.BEFORE, os.cpu_count())


def test_mailbox_comes_first_on_request_only() -> None:
    assert not read_settings(Settings, ENVIRONMENT).verify_email
    assert not read_settings(Settings, ENVIRONMENT | {"LINK_KEYS": PEPPER}).verify_email
    assert read_settings(Settings, ENVIRONMENT | {"LINK_KEYS": PEPPER, "VERIFY_EMAIL": "true"}).verify_email


def test_settings_that_do_not_go_together_where_the_mailbox_comes_first_are_all_listed() -> None:
    too_few = ENVIRONMENT | {"SIGN_UPS_A_MINUTE": "5", "MAX_INSTANCES": "6"}
    assert not read_settings(Settings, too_few).verify_email

    with pytest.raises(SettingsError) as refusal:
        read_settings(Settings, too_few | {"VERIFY_EMAIL": "true"})

    assert refusal.value.args == (
        "LINK_KEYS: must be set with VERIFY_EMAIL=true",
        "SIGN_UPS_A_MINUTE: must be at least MAX_INSTANCES=6",
    )


@pytest.mark.parametrize("value", ["true", "false", "0", "perhaps"])
def test_concealment_of_before_is_refused_by_a_sentence_that_names_what_took_its_place(value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(Settings, ENVIRONMENT | {"CONCEAL_EXISTING_ACCOUNTS": value})

    [fault] = refusal.value.args
    assert fault.startswith("CONCEAL_EXISTING_ACCOUNTS: is gone: unset it, and set VERIFY_EMAIL=true, which conceals ")


@pytest.mark.parametrize(
    "origins",
    [
        "https://a.example  http://127.0.0.1:8088",
        "http://[::1]:3000 https://xn--bcher-kva.example http://intra_net https://a.example:80",
        "capacitor://localhost chrome-extension://abcdefghijklmnop https://1.a.example https://a1 https://[2001:db8::1]",
    ],
)
def test_origins_as_browsers_send_them_are_separated_by_blanks(origins: str) -> None:
    settings = read_settings(Settings, ENVIRONMENT | {"CORS_ORIGINS": origins})

    assert sorted(settings.cors_origins) == sorted(origins.split())


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "https://*.example", "a.example", "https://", "file:///", "about:blank"),
        *("https://a.example/", "https://a.example/sign-up", "https://a.example?", "https://me@a.example"),
        *("HTTPS://a.example", "https://D.example", "https://bücher.example"),
        *("https://b.example,https://c.example", "https://b.example;", "'https://b.example'"),
        *("https://a.example:443", "http://a.example:80", "http://a.example:0", "http://a.example:65536"),
        *(
            "http://a.example:",
            "http://::1",
            "http://[0:0:0:0:0:0:0:1]:3000",
            "http://[::ffff:127.0.0.1]",
            "http://[:]",
        ),
        *("http://127.1:8088", "http://2130706433", "http://0x7f.0.0.1", "http://127.0.0.01", "http://127.0.0.1."),
    ],
)
def test_origin_that_no_browser_sends_or_anyone_may_send_stops_the_start(origin: str) -> None:
    with pytest.raises(SettingsError, match=r"CORS_ORIGINS: must be .*https://example\.com") as refusal:
        read_settings(Settings, ENVIRONMENT | {"CORS_ORIGINS": f"https://good.example {origin}"})

    assert "good.example" not in str(refusal.value)


def test_secrets_show_in_no_repr() -> None:
    assert "canary" not in repr(read_settings(Settings, ENVIRONMENT | {"LINK_KEYS": PEPPER}))
