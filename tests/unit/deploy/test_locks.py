"""What is deployed and what runs here is locked by hash, all of it."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, requires
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from blueprint.bundle import stage
from blueprint.topology import PROJECT_ROOT, read_topology

FUNCTIONS = read_topology().functions
LOCKED = re.compile(
    r"^([\w.-]+)(?:\[.+\])?==\S+(?: ; .+)? \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.MULTILINE
)
DECLARED = re.compile(r"^[\w.-]+", re.MULTILINE)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bundle_locks_everything_that_its_function_declares(name: str, tmp_path: Path) -> None:
    function = FUNCTIONS[name]
    (tmp_path / "functions").symlink_to(PROJECT_ROOT / "functions")

    lock = (stage(name, function, tmp_path) / "requirements.txt").read_text()

    declared = set(DECLARED.findall((PROJECT_ROOT / function.source / "requirements.in").read_text()))
    assert LOCKED.sub("", lock) == "", "a requirement without a version and a hash"
    assert declared <= set(LOCKED.findall(lock))


@pytest.mark.parametrize(
    "lock",
    [*PROJECT_ROOT.glob("requirements*.txt"), *PROJECT_ROOT.glob("functions/*/requirements.txt")],
    ids=lambda lock: str(lock.relative_to(PROJECT_ROOT)),
)
def test_lock_names_the_extras_that_its_packages_ask_for(lock: Path) -> None:
    """Else pip looks for `coverage[toml]` beside the locked `coverage`, and fails once there is a newer one."""
    locked = [Requirement(line.removesuffix("\\")) for line in lock.read_text().splitlines() if "==" in line]
    extras = {canonicalize_name(one.name): one.extras for one in locked}

    asked_for = chain.from_iterable(map(requirements_of, locked))

    assert not [one for one in asked_for if not one.extras <= extras.get(canonicalize_name(one.name), one.extras)]


def test_what_make_run_installs_holds_everything_that_the_stack_the_deployment_and_the_functions_import() -> None:
    locked = {canonicalize_name(name) for name in LOCKED.findall((PROJECT_ROOT / "requirements-run.txt").read_text())}
    files = {canonicalize_name(of.name): of.files or () for of in distributions()}  # reading a name takes a while
    owners = {str(file): name for name, installed in files.items() for file in installed}

    imported = {
        owners.get(file)
        for room in ("emulator", "deploy", "operations", "pusher", "blueprint", "functions")
        for source in (PROJECT_ROOT / room).rglob("*.py")
        for module in imports_of(ast.parse(source.read_text()))
        for file in (f"{module}.py", f"{module}/__init__.py")
    } - {None}

    assert {"httpx", "google-cloud-firestore", "bcrypt"} <= imported <= locked


def imports_of(tree: ast.Module) -> Iterator[str]:
    """Whatever may be a module, as a path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in (*origin, *(".".join([*origin, alias.name]) for alias in node.names)):
                yield name.replace(".", "/")


def requirements_of(one: Requirement) -> list[Requirement]:
    try:
        found = [Requirement(text) for text in requires(one.name) or ()]
    except PackageNotFoundError:  # of another platform
        return []
    return [of for of in found if not of.marker or any(of.marker.evaluate({"extra": x}) for x in one.extras | {""})]
