"""A message that cannot be read, among many that can."""

from email import message_from_bytes

import pytest
from google.cloud.firestore import FieldFilter

from proofs.launched_function import Launch
from shared.events.message import Message
from testkit.polling import eventually
from testkit.project import Project
from testkit.pushing import an_event
from testkit.smtp_server import Script


@pytest.mark.parametrize(
    "good",
    [
        pytest.param(100, marks=pytest.mark.sample),
        pytest.param(400, marks=[pytest.mark.exhaustive, pytest.mark.timeout(600)]),
    ],
)
def test_poison_message_stops_no_other_and_is_kept(
    launch: Launch, project: Project, mail_server: Script, good: int
) -> None:
    send_email = launch("send_email", SMTP_PORT=str(mail_server.port))
    project.push_events_to(send_email.url)
    events = [an_event() for _ in range(good)]

    for event in events[: good // 2]:
        project.publish(event)
    project.publish_message(Message(b"poison", {"ce-type": "user.created"}))
    for event in events[good // 2 :]:
        project.publish(event)

    assert eventually(lambda: count_sent(project) == good, seconds=good / 2)
    assert [record["data"] for record in project.documents("malformed_events").values()] == [b"poison"]
    message_ids = [message_from_bytes(mail)["Message-ID"] for mail in mail_server.mails]
    assert sorted(message_ids) == sorted(f"<{event.event_id}@usher.example>" for event in events)


def count_sent(project: Project) -> int:
    sent = project.firestore.collection("deliveries").where(filter=FieldFilter("state", "==", "sent"))
    return len(sent.select(["state"]).get())
