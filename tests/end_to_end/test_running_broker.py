"""What the proofs look at events with shows them as they are, on either broker."""

from secrets import token_hex

from blueprint.topology import read_topology
from shared.broker.pubsub_push import read_push
from shared.events.message import Message
from testkit.http_server import HttpScript, http_serving, reply
from testkit.polling import eventually
from testkit.stack import LocalStack

DEAD_LETTERS = read_topology().events.dead_letter_topic
REFUSED, TAKEN = (reply(status, {}) for status in ("503 Service Unavailable", "200 OK"))


def test_event_is_witnessed_from_now_on_pushed_until_it_is_taken_and_met_once_as_a_dead_letter(
    stack: LocalStack,
) -> None:
    broker, project = stack.broker, f"test-{token_hex(8)}"
    before, event, letter = (Message(data, {"ce-id": f"{data!r} 100%"}) for data in (b"before", b"event", b"letter"))
    with http_serving(HttpScript(REFUSED)) as subscriber:
        broker.push_events_of(project, f"http://127.0.0.1:{subscriber.port}/")
        broker.publish(project, before)
        witness = broker.witness(project)

        broker.publish(project, event)
        broker.publish(project, letter, topic=DEAD_LETTERS)

        assert witness.messages() == [event]
        assert eventually(lambda: [read_push(each.body) for each in subscriber.requests].count(event) > 1, seconds=20)
        subscriber.reply = TAKEN
        assert eventually(lambda: not broker.is_pushing(project), seconds=20)
        assert broker.take_dead_letters(project) == [letter]
        assert broker.take_dead_letters(project) == []
        witness.close()
        broker.push_no_events_of(project)
