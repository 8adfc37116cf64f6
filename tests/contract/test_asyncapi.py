"""docs/asyncapi.yaml says what the event contract says."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import ValidationError  # type: ignore[import-untyped]  # it brings no types

from shared.events.bounds import BOUNDS, UNPRINTABLE
from shared.events.codec import Encoding, encode
from shared.events.event import Event
from shared.events.message import Message
from shared.runtime.tracing import TRACEPARENT
from testkit.asyncapi import COMPONENTS, CONTENTS, FILE, assert_documented
from tests.unit.shared.events import EVENT, EVENTS, OUT_OF_BOUNDS, message_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("encoding", Encoding)
def test_every_event_is_documented_in_every_encoding(event: Event, encoding: Encoding) -> None:
    assert_documented(encode(event, encoding))


@pytest.mark.parametrize("event_type", CONTENTS)
def test_every_field_is_documented_and_no_other(event_type: str) -> None:
    content = CONTENTS[event_type].DESCRIPTOR

    assert COMPONENTS["schemas"][content.name]["properties"].keys() == set(content.fields_by_name)


@pytest.mark.parametrize(
    ("field", "schema"),
    [("user_id", "Uuid"), ("name", "Text"), ("company", "Text"), ("email", "Address"), ("occurred_at", "Time")],
)
def test_bounds_of_the_document_are_those_of_the_code(field: str, schema: str) -> None:
    documented = COMPONENTS["schemas"][schema]

    assert (documented["maxLength"], documented["pattern"]) == (BOUNDS[field].longest, BOUNDS[field].pattern.pattern)


def test_unprintable_characters_and_trace_context_of_the_document_are_those_of_the_code() -> None:
    unprintable, cloud_event = COMPONENTS["schemas"]["Unprintable"], COMPONENTS["schemas"]["CloudEvent"]

    assert unprintable["pattern"] == UNPRINTABLE.pattern
    assert cloud_event["properties"]["traceparent"]["pattern"] == f"^{TRACEPARENT.pattern}$"


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize(("field", "text", "_reason"), OUT_OF_BOUNDS)
def test_event_out_of_bounds_is_not_documented(encoding: Encoding, field: str, text: str, _reason: str) -> None:
    message = message_of(encoding, **{field: text})
    ids = {"ce-id": EVENT.event_id, "ce-subject": EVENT.user_id}

    assert_documented(replace(message_of(encoding), attributes={**message.attributes, **ids}))
    with pytest.raises(ValidationError):
        assert_documented(replace(message, attributes={**message.attributes, **ids}))


@pytest.mark.parametrize(
    ("attributes", "members"),
    [
        ({"ce-id": "1"}, {}),
        ({"ce-time": "yesterday"}, {}),
        ({"ce-specversion": "2.0"}, {}),
        ({"traceparent": "nonsense"}, {}),
        ({}, {"user_id": "1"}),
        ({}, {"name": ""}),
        ({}, {"occurred_at": None}),
        ({}, {"email": "nobody"}),
    ],
)
def test_event_that_differs_from_the_document_is_noticed(
    attributes: dict[str, str], members: dict[str, object]
) -> None:
    message = encode(EVENT, Encoding.JSON)
    data = json.dumps(json.loads(message.data) | members).encode()

    with pytest.raises(ValidationError):
        assert_documented(Message(data, {**message.attributes, **attributes}))


def test_protobuf_that_differs_from_the_document_is_noticed() -> None:
    with pytest.raises(ValidationError):
        assert_documented(encode(replace(EVENT, name=""), Encoding.PROTOBUF))


@pytest.mark.skipif(
    not (ROOT / "tests" / "node_modules" / "@asyncapi").exists(),
    reason="AsyncAPI's parser comes from npm: run `make contract`",
)
def test_parser_accepts_the_document_and_notices_a_fault(tmp_path: Path) -> None:
    document = tmp_path / "asyncapi.yaml"
    document.write_text(FILE.read_text().replace("action: send", "action: sent", 1))

    parser = ["node", "tests/contract/parse_asyncapi.mjs", str(FILE), str(document)]
    answer = subprocess.run(parser, cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == 1
    assert answer.stderr.count("operations.createUser.action") == 1
    assert str(FILE) not in answer.stderr
