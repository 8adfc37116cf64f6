import pytest
from msgspec import structs

from blueprint.topology import read_topology
from pusher.settings import Settings
from shared.runtime.settings import SettingsError, read_settings

TOPOLOGY = read_topology()
GIVEN = {
    "GOOGLE_CLOUD_PROJECT": "usher",
    "EVENT_TOPIC": "user.created",
    "PUSH_ENDPOINTS": "send-email=http://127.0.0.1:8081 notify-admin=https://admin.example/usher/",
}
FORM = "PUSH_ENDPOINTS: must be subscriptions and their URLs, such as send-email=http://127.0.0.1:8081/"


def test_endpoint_ends_with_a_slash() -> None:
    assert read_settings(Settings, GIVEN).push_endpoints == {
        "send-email": "http://127.0.0.1:8081/",
        "notify-admin": "https://admin.example/usher/",
    }


@pytest.mark.parametrize(
    "text",
    [
        "send-email",
        "send-email=",
        "=http://127.0.0.1/",
        "send-email=127.0.0.1:8081",
        "send-email=ftp://127.0.0.1/",
        "send-email=http://",
        "send-email=http://:8081/",
        "send-email=http://127.0.0.1:0/",
        "send-email=http://127.0.0.1:99999/",
        "send-email=http://secret:word@[/",  # pragma: allowlist secret
        "send-email=http://127.0.0.1/?key=1",
        "send-email=http://127.0.0.1/#here",
        "send-email=http://127.0.0.1/ send-email=http://127.0.0.2/",
        "send-email=http://127.0.0.1/, notify-admin=127.0.0.2",
    ],
)
def test_text_that_is_not_a_list_of_endpoints_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(Settings, {**GIVEN, "PUSH_ENDPOINTS": text})

    assert refusal.value.args == (FORM,)


@pytest.mark.parametrize("topic", ["user..created", ".user", "user.", "user.*", "user.>", "user created"])
def test_topic_that_is_not_a_subject_is_refused(topic: str) -> None:
    with pytest.raises(SettingsError, match="EVENT_TOPIC: must have something beside each dot"):
        read_settings(Settings, {**GIVEN, "EVENT_TOPIC": topic})

    assert read_settings(Settings, {**GIVEN, "EVENT_TOPIC": "a_b.%7E~+-"}).event_topic == "a_b.%7E~+-"


def test_only_subscriptions_with_an_endpoint_are_pushed() -> None:
    settings = read_settings(Settings, {**GIVEN, "EVENT_TOPIC": "other", "PUSH_ENDPOINTS": "send-email=http://a/"})

    pushed = settings.pushed(TOPOLOGY)

    assert pushed.functions == {"send_email": TOPOLOGY.functions["send_email"]}
    assert pushed.events == structs.replace(TOPOLOGY.events, topic="other")


def test_unknown_subscription_is_a_fault() -> None:
    settings = read_settings(Settings, {**GIVEN, "PUSH_ENDPOINTS": "send-emails=http://a/"})

    with pytest.raises(SettingsError) as refusal:
        settings.pushed(TOPOLOGY)

    assert refusal.value.args == ("PUSH_ENDPOINTS: its subscriptions must be among send-email, notify-admin",)


def test_policy_is_that_of_the_topology_unless_it_is_set() -> None:
    assert read_settings(Settings, GIVEN).policy(TOPOLOGY.push) == TOPOLOGY.push

    numbers = {"MINIMUM_BACKOFF_SECONDS": 1, "MAXIMUM_BACKOFF_SECONDS": 2, "ACK_DEADLINE_SECONDS": 3}
    environ = {f"PUSH_{name}": str(value) for name, value in {**numbers, "MAX_DELIVERY_ATTEMPTS": 4}.items()}
    set_so = read_settings(Settings, {**GIVEN, **environ}).policy(TOPOLOGY.push)

    assert set_so == structs.replace(
        TOPOLOGY.push,
        minimum_backoff_seconds=1,
        maximum_backoff_seconds=2,
        ack_deadline_seconds=3,
        max_delivery_attempts=4,
    )
