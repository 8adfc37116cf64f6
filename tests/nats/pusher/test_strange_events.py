"""Whatever was published is pushed as it is: the subscriber records what is not an event."""

import pytest

from shared.broker.nats_message import UnsendableError
from shared.broker.pubsub_push import read_push
from shared.events.message import Message
from testkit.polling import eventually
from testkit.pushed_project import PushedProject, Subscriber

LARGEST_BYTES = 1_000_000
STRANGE = {
    b"no headers": (None, {}),
    b"": ({"Status": "408"}, {"Status": "408"}),
    b"server's own": ({"Nats-Msg-Id": "1", "nats-x": "2"}, {}),
    b"encoded": ({"a": "%C3%A9%20%", "b": "é", "c": "%FF"}, {"a": "é %", "b": "é", "c": "\N{REPLACEMENT CHARACTER}"}),
    b"\xff\x00": ({"traceparent": ""}, {"traceparent": ""}),
    b"x" * (LARGEST_BYTES - 100): (None, {}),
}


def test_strange_event_is_pushed_as_it_is(project: PushedProject) -> None:
    with Subscriber.answering() as subscriber, project.pushed_to(subscriber):
        for data, (headers, _) in STRANGE.items():
            project.publish_raw(data, headers)
        assert eventually(lambda: project.unacknowledged() == 0)

    pushed = {message.data: message for message in (read_push(push.body) for push in subscriber.pushes)}
    assert pushed == {data: Message(data, attributes) for data, (_, attributes) in STRANGE.items()}
    assert len(subscriber.pushes) == len(STRANGE)


def test_event_that_leaves_no_room_for_a_dead_letter_is_not_stored(project: PushedProject) -> None:
    with pytest.raises(UnsendableError):
        project.publish(b"x" * (LARGEST_BYTES + 1))
