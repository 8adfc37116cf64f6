"""Rewrite docs/settings.md from the settings classes: `PYTHONPATH=functions:. python scripts/settings_reference.py`."""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import NoneType
from typing import Annotated, get_args, get_origin

from msgspec import NODEFAULT, Meta
from msgspec.structs import FieldInfo, fields

from blueprint.topology import read_topology

_PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
_BEGIN, _END = "<!-- make settings-reference: begin -->", "<!-- make settings-reference: end -->"


def main() -> int:
    """With --check nothing is written, and 1 says that the page is stale."""
    written = _PAGE.read_text()
    page = re.sub(f"(?s)(?<={_BEGIN}\n).*(?={_END})", lambda _: "\n".join(_reference()), written)
    if "--check" not in sys.argv:
        _PAGE.write_text(page)
    elif page != written:
        sys.exit("docs/settings.md is stale: run `make settings-reference` and commit it")
    return 0


def _reference() -> Iterator[str]:
    topology = read_topology()
    for name in [*topology.functions, "pusher"]:
        kind = import_module(f"{name}.settings").Settings
        meanings = _meanings(kind)
        yield f"\n## {name}\n"
        for field in fields(kind):
            secret = field.name.upper() in topology.secrets
            facts = ", ".join([_default(field, secret=secret), *_bounds(field.type), *(["a secret"] if secret else [])])
            item = f"- **`{field.name.upper()}`** ({facts}): {meanings[field.name]}"
            yield textwrap.fill(item, 120, subsequent_indent="  ", break_on_hyphens=False)
    yield "\n"


def _meanings(kind: type) -> dict[str, str]:
    """The string that follows each field in its class or a base of it."""
    sources = (inspect.getsource(each) for each in kind.__mro__ if each.__name__.endswith("Settings"))
    bodies = [node.body for source in sources for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {
        field.target.id: " ".join(str(text.value.value).split())
        for body in bodies
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
    }


def _default(field: FieldInfo, *, secret: bool) -> str:
    if field.required:
        return "required"
    if field.default is NODEFAULT:
        return "built in"
    if field.default is None and not secret:
        return "default as in topology.toml"
    shown = field.default.value if isinstance(field.default, Enum) else field.default
    return f"default `{str(shown).lower() if isinstance(shown, bool) else shown}`" if shown or shown == 0 else "empty"


def _bounds(kind: object) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        yield "one of " + ", ".join(f"`{member.value}`" for member in kind)
    if NoneType in get_args(kind):  # not set: None
        kind = get_args(kind)[0]
    if get_origin(kind) is Annotated:
        meta: Meta = get_args(kind)[1]
        yield f"{meta.ge} to {meta.le}" if meta.gt is None else f"above {meta.gt}, at most {meta.le}"


if __name__ == "__main__":
    sys.exit(main())
