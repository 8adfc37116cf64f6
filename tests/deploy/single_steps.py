"""Single steps of the deployment, carried out by the real gcloud."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pytest

from blueprint.gcloud import Command, GcloudError, run_gcloud
from deploy.step import Payload, Step, filled
from deploy.walk import Walk
from tests.deploy.fake_google.state import NUMBER

# What steps that are left out would have learned.
_KNOWN = {
    "PROJECT_NUMBER": NUMBER,
    "SMTP_PASSWORD_VERSION": "1",
    "PASSWORD_PEPPERS_VERSION": "1",
    "LINK_KEYS_VERSION": "1",
    "RELAY_OUTBOX_URL": "https://relay-outbox-fake-ew.a.run.app",
    "SEND_EMAIL_URL": "https://send-email-fake-ew.a.run.app",
    "ALERT_EMAIL_CHANNEL": "projects/demo-project/notificationChannels/1",
}


@dataclass(frozen=True)
class Steps:
    """Those there are, in their order."""

    all: Sequence[Step]

    def one(self, sentence: str) -> Step:
        """The one step whose sentence holds this."""
        (chosen,) = [step for step in self.all if sentence in step.sentence]
        return chosen

    def run(self, sentence: str) -> None:
        carry_out([self.one(sentence)])

    def take_away(self, steps: Iterable[Step]) -> None:
        _walk().down(steps, drop_data=True)


def carry_out(steps: Sequence[Step]) -> None:
    """On top of what the others would have learned."""
    _walk().up(steps)


def message_of(command: Command, payload: Payload | None = None) -> str:
    """What gcloud says of a command that fails."""
    with pytest.raises(GcloudError) as failed:
        run_gcloud(filled(command, _KNOWN), payload.read("") if payload else None)
    return failed.value.message


def _walk() -> Walk:
    return Walk(run_gcloud, lambda _text: None, variables=dict(_KNOWN))
