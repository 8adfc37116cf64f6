from dataclasses import replace
from uuid import uuid4

import pytest

from shared.events.codec import Encoding, MalformedEventError, decode, encode
from shared.events.user_created_pb2 import UserCreated as UserCreatedMessage
from tests.unit.shared.events import EVENT, REQUIRED, json_of, without


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("missing", [None, ""])
def test_missing_required_field_of_json_is_malformed(field: str, missing: object) -> None:
    with pytest.raises(MalformedEventError, match=f"missing: {field}$"):
        decode(json_of(**{field: missing}))


@pytest.mark.parametrize("field", REQUIRED)
def test_missing_required_field_of_protobuf_is_malformed(field: str) -> None:
    message = encode(EVENT, Encoding.PROTOBUF)
    content = UserCreatedMessage.FromString(message.data)
    content.ClearField(field)

    with pytest.raises(MalformedEventError, match=f"missing: {field}$"):
        decode(replace(message, data=content.SerializeToString()))


@pytest.mark.parametrize("field", ["event_id", "user_id"])
@pytest.mark.parametrize(
    "value",
    [
        "1",
        "../users/1",
        "0B8F4E2C-6A53-4D0E-9F0A-1B2C3D4E5F60",
        "{0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60}",
        "0b8f4e2c6a534d0e9f0a1b2c3d4e5f60",
        "urn:uuid:0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60",
        "__name__",
        "0b8f4e2c-6a53-4d0e-9f0a-1b2c3d4e5f60\n",
    ],
)
def test_id_that_is_not_a_uuid_in_canonical_form_is_malformed(field: str, value: str) -> None:
    with pytest.raises(MalformedEventError, match=f"^{field} (is not a UUID|has )"):
        decode(json_of(**{field: value}))


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2026-11-05T12:00:00", "2026-13-05T12:00:00Z", "12:00:00Z", "2026-11-05", "2026-W45-4T12:00Z"],
)
def test_time_that_is_none_or_has_no_zone_is_malformed(value: str) -> None:
    with pytest.raises(MalformedEventError, match="occurred_at"):
        decode(json_of(occurred_at=value))


@pytest.mark.parametrize("value", ["yes", 1, [True], "ewan@example.com"])
def test_proof_that_is_neither_true_nor_false_is_malformed_and_not_quoted(value: object) -> None:
    with pytest.raises(MalformedEventError, match=r"^the data is not valid application/json for user\.created$"):
        decode(json_of(email_verified=value))


@pytest.mark.parametrize("attribute", ["ce-id", "ce-subject"])
def test_ids_that_differ_are_malformed(attribute: str) -> None:
    message = encode(EVENT, Encoding.JSON)

    with pytest.raises(MalformedEventError, match=attribute):
        decode(replace(message, attributes={**message.attributes, attribute: str(uuid4())}))


@pytest.mark.parametrize("attributes", [{}, {"ce-type": "user.deleted"}, {"ce-type": ""}])
def test_unknown_type_is_malformed(attributes: dict[str, str]) -> None:
    message = without(encode(EVENT, Encoding.JSON), "ce-type")

    with pytest.raises(MalformedEventError, match="ce-type"):
        decode(replace(message, attributes={**message.attributes, **attributes}))


@pytest.mark.parametrize("attributes", [{}, {"Content-Type": "application/xml"}, {"Content-Type": ""}])
def test_unknown_content_type_is_malformed(attributes: dict[str, str]) -> None:
    message = without(encode(EVENT, Encoding.JSON), "Content-Type")

    with pytest.raises(MalformedEventError, match="Content-Type"):
        decode(replace(message, attributes={**message.attributes, **attributes}))


@pytest.mark.parametrize("encoding", Encoding)
def test_data_in_the_other_encoding_is_malformed(encoding: Encoding) -> None:
    (other,) = set(Encoding) - {encoding}
    message = encode(EVENT, encoding)

    with pytest.raises(MalformedEventError, match="not valid"):
        decode(replace(message, data=encode(EVENT, other).data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        b"[" * 100000,
        b'{"plan":' * 100000,
        b'{"name": 5}',
        b'{"name": []}',
        b'{"name": "\\ud800"}',
        b'{"name": "a", "name": "b"}',
        b'{"plan": ' + b"1" * 5000 + b"}",
    ],
)
def test_data_that_is_not_an_event_in_json_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedEventError):
        decode(replace(encode(EVENT, Encoding.JSON), data=data))


@pytest.mark.parametrize(
    "change",
    [
        {"email": 5},
        {"email": "canary"},
        {"event_id": "canary"},
        {"occurred_at": "canary"},
        {"name": ["canary"]},
        {"name": "canary\n"},
    ],
)
def test_reason_names_no_value(change: dict[str, object]) -> None:
    with pytest.raises(MalformedEventError) as malformed:
        decode(json_of(company="canary", **change))

    assert "canary" not in str(malformed.value)
    assert malformed.value.__cause__ is None
