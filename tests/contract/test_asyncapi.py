"""docs/asyncapi.yaml says what the event contract says."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import ValidationError  # type: ignore[import-untyped]  # it brings no types

from shared.events.codec import Encoding, Message, encode
from shared.events.event import Event
from tests.asyncapi import COMPONENTS, CONTENTS, FILE, assert_documented
from tests.unit.shared.events import EVENT, EVENTS

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
@pytest.mark.parametrize(("action", "complaints"), [("send", 0), ("sent", 1)])
def test_parser_accepts_the_document_and_notices_a_fault(tmp_path: Path, action: str, complaints: int) -> None:
    document = tmp_path / "asyncapi.yaml"
    document.write_text(FILE.read_text().replace("action: send", f"action: {action}", 1))

    parser = ["node", "tests/contract/parse_asyncapi.mjs", str(document)]
    answer = subprocess.run(parser, cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == complaints
    assert answer.stderr.count("operations.createUser.action") == complaints
