"""That plan and up know before anything is called whom send_email would not send as."""

import pytest

from blueprint.topology import read_topology
from deploy.settings import Given, SettingsError, deployment_of
from tests.senders import BAD, GOOD


def sending_as(mail_from: str) -> Given:
    settings: dict[str, str | int | float] = {"SMTP_HOST": "mail.example.com", "MAIL_FROM": mail_from}
    return Given(project="demo-project", region="europe-west1", settings=settings)


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("text", BAD)
def test_sender_that_the_function_would_refuse_is_refused(text: str, *, complete: bool) -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM must be an address such as"):
        deployment_of(sending_as(text), read_topology(), complete=complete)


@pytest.mark.parametrize("text", GOOD)
def test_sender_that_the_function_takes_is_taken(text: str) -> None:
    deployment = deployment_of(sending_as(text), read_topology(), complete=True)

    assert deployment.settings["MAIL_FROM"] == text


def test_sender_that_is_not_given_yet_is_asked_for() -> None:
    assert deployment_of(sending_as(" "), read_topology(), complete=False).settings["MAIL_FROM"] == "${MAIL_FROM}"
