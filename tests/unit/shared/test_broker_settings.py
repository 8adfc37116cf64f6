import pytest

from shared.broker.nats_settings import NatsSettings
from shared.runtime.settings import SettingsError, read_settings

ENVIRON = {"GOOGLE_CLOUD_PROJECT": "usher", "EVENT_TOPIC": "user.created"}


@pytest.mark.parametrize(
    "url",
    [
        "nats://127.0.0.1:4222",
        "tls://nats.example.com",
        "nats://[::1]:4222/",
        "nats://user:password@host:4222",  # pragma: allowlist secret
        "tls://token@host",
        "nats://a:1,nats://user:password@b:2",  # pragma: allowlist secret
    ],
)
def test_nats_url_that_the_client_understands_is_taken_as_it_is(url: str) -> None:
    assert read_settings(NatsSettings, ENVIRON | {"NATS_URL": url}).nats_url == url


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:4222",
        "http://127.0.0.1:4222",
        "ws://127.0.0.1:8080",
        "nats://",
        "nats://:4222",
        "nats://host:port",
        "nats://host:0",
        "nats://host:70000",
        "nats://host:4222/path",
        "nats://host:4222?tls=true",
        "nats://host:4222#",
        "nats://[::1",
        "nats://user:pass/word@host",
        "nats://user:4222/word@host",
        "nats://user:pass word@host",
        "nats://a:1,",
        "nats://a:1, nats://b:2",
        "nats://a:1,tls://b:2",
    ],
)
def test_other_nats_url_is_one_fault_among_all_and_is_not_shown(url: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(NatsSettings, {"NATS_URL": url, "EVENT_TOPIC": "user.created"})

    assert refusal.value.args == (
        "GOOGLE_CLOUD_PROJECT: must be set",
        "NATS_URL: must be nats://HOST:PORT or tls://HOST:PORT, or several of one kind, separated by commas",
    )
