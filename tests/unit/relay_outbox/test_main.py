from typing import get_type_hints

import pytest

from relay_outbox.settings import Settings
from shared.outbox.outbox import OutboxUnavailableError
from shared.runtime.settings import SettingsError
from testkit.entry_points import FUNCTIONS, loaded

MAIN = FUNCTIONS / "relay_outbox" / "main.py"
ENVIRONMENT = {"GOOGLE_CLOUD_PROJECT": "usher", "EVENT_TOPIC": "user.created"}


def test_relay_starts_without_the_pepper_and_never_sees_it() -> None:
    with loaded(MAIN, "relay_outbox", ENVIRONMENT) as client:
        assert client.get("/").status_code == 405

    assert "password_peppers" not in get_type_hints(Settings)


def test_outbox_that_does_not_answer_is_asked_again_later() -> None:
    with loaded(MAIN, "relay_outbox", ENVIRONMENT) as client, pytest.MonkeyPatch.context() as patches:

        def fail(*_: object, **__: object) -> None:
            raise OutboxUnavailableError

        patches.setattr("main.endpoint.relay_outbox", fail)
        response = client.post("/")

    assert response.json
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "unavailable", "5")


def test_wrong_settings_stop_the_start() -> None:
    with pytest.raises(SettingsError, match="EVENT_TOPIC"), loaded(MAIN, "relay_outbox", {"EVENT_TOPIC": ""}):
        pass
