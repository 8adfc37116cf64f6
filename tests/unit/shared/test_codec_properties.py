import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from create_user.registration import user_created
from create_user.sign_up_form import InvalidFormError, read_sign_up
from shared.events.codec import Encoding, MalformedEventError, decode, encode
from shared.events.event import Event, EventId, UserId
from shared.events.message import Message
from shared.events.user_created import UserCreated
from shared.events.user_created_pb2 import UserCreated as UserCreatedMessage
from testkit.builders import PASSWORD, TRACEPARENT, a_user
from tests.unit.create_user.test_reading_properties import POLICY

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# What the bounds of a text leave in its middle; its ends are letters, so that it is not blank.
INNER = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=TURNING), max_size=98)
TEXTS = INNER.map(lambda inner: f"a{inner}b")
ATOMS = st.text(st.characters(categories=["L", "M", "N"]), min_size=1, max_size=50)
ADDRESSES = st.tuples(ATOMS, ATOMS, ATOMS).map(lambda atoms: "{}@{}.{}".format(*atoms))
IDS = st.uuids().map(str)
FIRST, LAST = datetime(1970, 1, 1), datetime(2999, 12, 31)  # noqa: DTZ001  # hypothesis adds the time zone
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EVENTS = st.builds(
    UserCreated,
    event_id=IDS.map(EventId),
    user_id=IDS.map(UserId),
    name=TEXTS,
    company=TEXTS | st.just(""),
    email=ADDRESSES,
    email_verified=st.booleans(),
    occurred_at=st.datetimes(FIRST, LAST, timezones=ZONES),
    traceparent=st.just(TRACEPARENT) | st.just(""),
)
# Many of these are accepted.
LETTERS = st.text(st.characters(categories=["L"]), min_size=1, max_size=10)
MOST = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=101)
SIGN_UPS = st.fixed_dictionaries(
    {
        "name": MOST | st.text(),
        "company": MOST | st.text(),
        "email": st.emails() | st.builds("{}@{}.example.org".format, MOST | LETTERS, MOST | LETTERS),
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
FIELDS = UserCreatedMessage.DESCRIPTOR.fields_by_name
NAMES_OF_FIELDS = st.sampled_from([*FIELDS, "plan"])


def message_of(data: bytes, content_type: str) -> Message:
    return Message(data, {"ce-type": "user.created", "Content-Type": content_type})


def assert_decodes_or_is_malformed(message: Message) -> None:
    with suppress(MalformedEventError):
        assert isinstance(decode(message), UserCreated)


@given(EVENTS, st.sampled_from(Encoding))
def test_every_event_is_decoded_to_itself(event: UserCreated, encoding: Encoding) -> None:
    assert decode(encode(event, encoding)) == event


@settings(max_examples=500)
@given(SIGN_UPS, st.sampled_from(Encoding))
def test_whatever_a_sign_up_is_accepted_with_is_in_bounds(members: dict[str, object], encoding: Encoding) -> None:
    try:
        accepted = read_sign_up(members | {"password": PASSWORD}, POLICY)
    except InvalidFormError:
        return
    user = a_user(name=accepted.name, company=accepted.company, email=accepted.email)
    event = user_created(user, TRACEPARENT)

    assert decode(encode(event, encoding)) == event


@given(EVENTS)
def test_json_is_written_as_protobuf_writes_it(event: UserCreated) -> None:
    content = UserCreatedMessage.FromString(encode(event, Encoding.PROTOBUF).data)
    written = json_format.MessageToJson(content, preserving_proto_field_name=True, indent=None)

    assert encode(event, Encoding.JSON).data == written.encode()


@settings(max_examples=500)
@given(
    EVENTS,
    st.sets(st.sampled_from([*FIELDS])),
    st.dictionaries(NAMES_OF_FIELDS, JSON | IDS, max_size=1),
    st.sampled_from([b"", b" ", b"1", b"\xff", b'"', b'"name":"a",', b"\xef\xbb\xbf", "\0".join("{}").encode()]),
    st.data(),
)
def test_json_is_read_as_protobuf_reads_it(
    event: UserCreated, renamed: set[str], changes: dict[str, object], inserted: bytes, draw: st.DataObject
) -> None:
    members = json.loads(encode(event, Encoding.JSON).data) | changes
    names = {name: FIELDS[name].json_name for name in renamed}
    data = json.dumps({names.get(name, name): value for name, value in members.items()}).encode()
    at = draw.draw(st.sampled_from([1, len(data)]) | st.integers(0, len(data)))
    data = data[:at] + inserted + data[at:]
    try:
        content = json_format.Parse(data, UserCreatedMessage(), ignore_unknown_fields=True)
    except (json_format.ParseError, UnicodeDecodeError):
        outcome: Event | str = "the data is not valid application/json for user.created"
    else:
        outcome = decoded(message_of(content.SerializeToString(), "application/protobuf"))

    assert decoded(message_of(data, "application/json")) == outcome


def decoded(message: Message) -> Event | str:
    """The event, or why it is malformed."""
    try:
        return decode(message)
    except MalformedEventError as error:
        return str(error)


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
