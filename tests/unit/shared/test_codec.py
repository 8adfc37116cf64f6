import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.events.codec import Encoding, decode, encode
from shared.events.event import Event
from shared.events.message import Message
from testkit.builders import a_user_created
from tests.unit.shared.events import EVENT, EVENTS, json_of, without


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("encoding", Encoding)
def test_encoded_event_is_decoded_to_itself(event: Event, encoding: Encoding) -> None:
    assert decode(encode(event, encoding)) == event


def test_message_is_a_cloud_event() -> None:
    assert encode(EVENT, Encoding.JSON).attributes == {
        "ce-specversion": "1.0",
        "ce-id": EVENT.event_id,
        "ce-type": "user.created",
        "ce-source": "//usher/create_user",
        "ce-time": "2026-11-05T12:00:00.123456+00:00",
        "ce-subject": EVENT.user_id,
        "Content-Type": "application/json",
        "traceparent": EVENT.traceparent,
    }


def test_content_type_names_the_encoding() -> None:
    assert encode(EVENT, Encoding.PROTOBUF).attributes["Content-Type"] == "application/protobuf"


def test_event_without_a_trace_has_no_traceparent() -> None:
    event = a_user_created(traceparent="")

    assert "traceparent" not in encode(event, Encoding.JSON).attributes
    assert decode(encode(event, Encoding.JSON)) == event


@pytest.mark.parametrize("encoding", Encoding)
def test_company_is_optional(encoding: Encoding) -> None:
    event = a_user_created(company="")

    assert decode(encode(event, encoding)) == event


def test_event_says_either_way_whether_its_address_was_proved() -> None:
    events = (replace(EVENT, email_verified=proved) for proved in (True, False))

    assert [json.loads(encode(event, Encoding.JSON).data)["email_verified"] for event in events] == [True, False]


def test_address_was_not_proved_where_an_event_does_not_say() -> None:
    assert decode(json_of(email_verified=None)) == replace(EVENT, email_verified=False)


def test_unknown_fields_of_json_are_ignored() -> None:
    assert decode(json_of(plan="gold", address={"city": "Bern"})) == EVENT


def test_unknown_fields_of_protobuf_are_ignored() -> None:
    field_99_of_text = b"\x9a\x06\x04gold"
    message = encode(EVENT, Encoding.PROTOBUF)

    assert decode(replace(message, data=message.data + field_99_of_text)) == EVENT


@pytest.mark.parametrize(
    ("text", "zone"), [("2026-11-05T12:00:00Z", UTC), ("2026-11-05T14:00:00+02:00", timezone(timedelta(hours=2)))]
)
def test_times_of_other_publishers_are_read(text: str, zone: timezone) -> None:
    assert decode(json_of(occurred_at=text)).occurred_at == datetime(2026, 11, 5, 12, tzinfo=UTC)
    assert decode(json_of(occurred_at=text)).occurred_at.utcoffset() == zone.utcoffset(None)


@pytest.mark.parametrize("attribute", ["ce-id", "ce-subject"])
def test_attribute_of_an_id_may_be_missing(attribute: str) -> None:
    assert decode(without(encode(EVENT, Encoding.JSON), attribute)) == EVENT


def test_parameters_of_the_content_type_do_not_matter() -> None:
    message = encode(EVENT, Encoding.JSON)
    attributes = {**message.attributes, "Content-Type": "Application/JSON; charset=utf-8"}

    assert decode(Message(message.data, attributes)) == EVENT
