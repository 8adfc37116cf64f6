"""Holds events against docs/asyncapi.yaml."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message as Content
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]  # it brings no types

from shared.events.message import Message
from shared.events.sign_up_repeated_pb2 import SignUpRepeated
from shared.events.sign_up_requested_pb2 import SignUpRequested
from shared.events.user_created_pb2 import UserCreated

FILE = Path(__file__).parent.parent / "docs" / "asyncapi.yaml"
COMPONENTS: dict[str, Any] = msgspec.yaml.decode(FILE.read_bytes())["components"]
CONTENTS: Mapping[str, type[Content]] = {
    "user.created": UserCreated,
    "user.sign_up_requested": SignUpRequested,
    "user.sign_up_repeated": SignUpRepeated,
}


def assert_documented(message: Message) -> None:
    """That the document has this event: its type, its encoding, its attributes and its data."""
    event_type, content_type = message.attributes["ce-type"], message.attributes["Content-Type"]
    [documented] = [
        each
        for each in COMPONENTS["messages"].values()
        if (each["name"], each["contentType"]) == (event_type, content_type)
    ]
    _validate(dict(message.attributes), documented["headers"])
    if content_type == "application/json":
        data = json.loads(message.data)
    else:
        data = MessageToDict(CONTENTS[event_type].FromString(message.data), preserving_proto_field_name=True)
    _validate(data, documented["payload"])


def _validate(value: object, schema: Mapping[str, object]) -> None:
    Draft7Validator({"allOf": [schema], "components": COMPONENTS}, format_checker=FormatChecker()).validate(value)
