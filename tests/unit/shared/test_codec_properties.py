import json
from contextlib import suppress
from datetime import timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from shared.events.codec import Encoding, MalformedEventError, Message, decode, encode
from shared.events.event import EventId, UserId
from shared.events.user_created import UserCreated

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
IDS = st.uuids().map(str)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EVENTS = st.builds(
    UserCreated,
    event_id=IDS.map(EventId),
    user_id=IDS.map(UserId),
    name=TEXTS,
    company=TEXTS | st.just(""),
    email=TEXTS,
    occurred_at=st.datetimes(timezones=ZONES),
    traceparent=TEXTS | st.just(""),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
NAMES_OF_FIELDS = st.sampled_from(["event_id", "user_id", "name", "company", "email", "occurred_at", "plan"])


def message_of(data: bytes, content_type: str) -> Message:
    return Message(data, {"ce-type": "user.created", "Content-Type": content_type})


def assert_decodes_or_is_malformed(message: Message) -> None:
    with suppress(MalformedEventError):
        assert isinstance(decode(message), UserCreated)


@given(EVENTS, st.sampled_from(Encoding))
def test_every_event_is_decoded_to_itself(event: UserCreated, encoding: Encoding) -> None:
    assert decode(encode(event, encoding)) == event


@given(st.binary(), st.sampled_from(["application/json", "application/protobuf"]))
def test_any_bytes_are_an_event_or_malformed(data: bytes, content_type: str) -> None:
    assert_decodes_or_is_malformed(message_of(data, content_type))


@given(st.dictionaries(NAMES_OF_FIELDS, JSON | IDS | st.datetimes(timezones=ZONES).map(str)))
def test_any_json_is_an_event_or_malformed(members: dict[str, object]) -> None:
    assert_decodes_or_is_malformed(message_of(json.dumps(members).encode(), "application/json"))


@given(st.binary(), st.dictionaries(st.sampled_from(["ce-type", "Content-Type", "ce-id", "traceparent"]), st.text()))
def test_any_attributes_are_an_event_or_malformed(data: bytes, attributes: dict[str, str]) -> None:
    assert_decodes_or_is_malformed(Message(data, attributes))


@given(EVENTS, st.sampled_from(Encoding), st.data())
def test_any_damage_to_an_event_leaves_an_event_or_malformed_data(
    event: UserCreated, encoding: Encoding, draw: st.DataObject
) -> None:
    message = encode(event, encoding)
    start, end = sorted(draw.draw(st.integers(0, len(message.data))) for _ in range(2))
    damaged = message.data[:start] + draw.draw(st.binary(max_size=8)) + message.data[end:]

    assert_decodes_or_is_malformed(Message(damaged, message.attributes))
