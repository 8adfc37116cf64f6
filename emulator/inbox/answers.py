"""Responses with what strangers wrote. It may hold surrogates, for which UTF-8 has no bytes: they become `?`."""

import json
from collections.abc import Mapping

from starlette.responses import Response

_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "  # a link may be opened
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def json_answer(content: object) -> Response:
    return Response(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), media_type="application/json")


def page(content: str | bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """A part of a mail as a page of its own: in a browser nothing in it runs, and nothing is loaded from anywhere."""
    body = content.encode("utf-8", "replace") if isinstance(content, str) else content
    return Response(body, headers={**(headers or {}), "Content-Type": content_type, "Content-Security-Policy": _POLICY})
