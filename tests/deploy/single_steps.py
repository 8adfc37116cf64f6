"""Single steps of the deployment, carried out by the real gcloud."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from blueprint.gcloud import run_gcloud
from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.step import Step, literal
from deploy.steps import inner_steps, outer_steps
from deploy.walk import Walk
from tests.deploy.fake_google.state import NUMBER

SETTINGS = {"SMTP_HOST": "mail.example.com", "SMTP_USER": "usher", "MAIL_FROM": "Usher <welcome@example.com>"}
SMS = {"SMS_ACCOUNT_SID": "AC" + 32 * "0", "SMS_FROM": "+441632960000", "SMS_TO": "+441632960001"}
# What steps that are left out would have learned.
_KNOWN = {
    "PROJECT_NUMBER": NUMBER,
    "SMTP_PASSWORD_VERSION": "1",
    "PASSWORD_PEPPERS_VERSION": "1",
    "SEND_EMAIL_URL": "https://send-email-fake-ew.a.run.app",
}


def deployment(project: str, region: str, **settings: str) -> Deployment:
    return Deployment(
        read_topology(),
        project,
        region,
        {name: literal(value) for name, value in (SETTINGS | settings).items()},
        public=True,
        alert_channel="projects/p/notificationChannels/1",
    )


def all_steps(deployment: Deployment, **secrets: str) -> list[Step]:
    return [*inner_steps(deployment, secrets), *outer_steps(deployment)]


@dataclass(frozen=True)
class Steps:
    """Those there are, in their order."""

    all: Sequence[Step]

    def run(self, sentence: str, meanwhile: Callable[[], object] = lambda: None) -> str:
        """Carry out the one step whose sentence holds this, `meanwhile` as it waits, and return what was shown."""
        shown: list[str] = []

        def show(text: str) -> None:
            shown.append(text)
            if "waiting" in text:
                meanwhile()

        (chosen,) = [step for step in self.all if sentence in step.sentence]
        walk([chosen], show)
        return "".join(shown)


def walk(steps: Sequence[Step], show: Callable[[str], None] = lambda _text: None) -> None:
    """Carry the steps out, on top of what the others would have learned."""
    Walk(run_gcloud, show, patience_seconds=20, first_pause_seconds=0.1, variables=dict(_KNOWN)).up(steps)
