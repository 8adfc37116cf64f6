"""Holds answers of create_user against docs/openapi.yaml."""

import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

FILE = Path(__file__).parent.parent / "docs" / "openapi.yaml"
DOCUMENT: dict[str, Any] = msgspec.yaml.decode(FILE.read_bytes())
_ANYWHERE = OpenAPI.from_dict(
    {**DOCUMENT, "servers": [{"url": "/"}]},
    config=Config(extra_media_type_deserializers={"application/problem+json": json.loads}),
)


def assert_documented(response: httpx.Response) -> None:
    """That the document has this answer to this method and path: its status, headers and body."""
    request = response.request
    _ANYWHERE.validate_response(
        MockRequest("", request.method, request.url.path, headers=dict(request.headers)),
        MockResponse(
            response.content, response.status_code, dict(response.headers), response.headers.get("Content-Type", "")
        ),
    )
