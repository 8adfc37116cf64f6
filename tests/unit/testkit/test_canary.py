"""The search for leaks is only as good as what it recognises."""

import json
import quopri
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from testkit.canary import KINDS, kinds_in, leaks

ENCODED: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "upper case": str.upper,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 at an offset of 1": lambda text: b64encode(f"x{text}y".encode()).decode(),
    "base64 at an offset of 2": lambda text: b64encode(f"xx{text}yy".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "percent-encoded": quote,
    "of a form": quote_plus,
    "JSON": json.dumps,
    "JSON, all escaped": lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
    "quoted-printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable, parted": "=\n".join,
    "quoted-printable header": lambda text: quopri.encodestring(text.encode(), header=True).decode(),
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("kind", KINDS)
def test_secrets_are_recognised_in_every_encoding(kind: str, encoding: str) -> None:
    text = f"before {ENCODED[encoding](KINDS[kind])} after"

    assert kinds_in(text) == {kind}
    assert leaks([text, "nothing"]) == [text]
