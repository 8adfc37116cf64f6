"""The steps of a deployment, as tests want them."""

from blueprint.topology import read_topology
from deploy.deployment import Deployment
from deploy.step import Step, literal
from deploy.steps import inner_steps, last_steps, outer_steps

PROJECT, REGION = "demo-project", "europe-west1"
SMTP_PASSWORD = "correct-horse-SMTP"
SMTP = {"SMTP_HOST": "mail.example.com", "SMTP_USER": "usher", "MAIL_FROM": "Usher <welcome@example.com>"}
ALERT_EMAIL = "on-call@example.com"
SMS = {"SMS_ACCOUNT_SID": "AC" + 32 * "0", "SMS_FROM": "+441632960000", "SMS_TO": "+441632960001"}


def deployment(**settings: str) -> Deployment:
    return Deployment(
        read_topology(),
        PROJECT,
        REGION,
        {name: literal(value) for name, value in (SMTP | settings).items()},
        public=True,
        alert_channel="projects/p/notificationChannels/1",
        alert_email=ALERT_EMAIL,
    )


def all_steps(of: Deployment, **secrets: str) -> list[Step]:
    return [*inner_steps(of, secrets), *outer_steps(of), *last_steps(of)]
