"""Stages a function as it is deployed: main.py and requirements.txt at the root, beside them what it shares."""

import shlex
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from blueprint.topology import PROJECT_ROOT, Function

_LEFT_OUT = ("__pycache__", "*.pyc", ".*", "requirements.in", "*.proto", "*.pyi")


def stage(name: str, function: Function, root: Path = PROJECT_ROOT) -> Path:
    """
    Stage `function` in `build/<name>/` and return that folder. The same tree gives the same bytes.

    An existing bundle is replaced in one move, because another local stack may be running it.
    """
    bundle = root / "build" / name
    bundle.parent.mkdir(exist_ok=True)
    ignore = shutil.ignore_patterns(*_LEFT_OUT)
    with TemporaryDirectory(dir=bundle.parent, prefix=".") as scratch:
        fresh = Path(scratch, "fresh")
        shutil.copytree(root / function.source, fresh, ignore=ignore)
        shared = root / "functions" / "shared"
        for room in function.rooms:
            shutil.copytree(shared / room, fresh / "shared" / room, ignore=ignore)
        shutil.copy(shared / "__init__.py", fresh / "shared")
        if bundle.exists():
            bundle.rename(Path(scratch, "old"))
        fresh.rename(bundle)
    return bundle


def digest_of(bundle: Path) -> str:
    """The same for bundles with the same files."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file())
    named = (f"{file.relative_to(bundle)} {sha256(file.read_bytes()).hexdigest()}" for file in files)
    return sha256("\n".join(named).encode()).hexdigest()


def sources_of(function: Function) -> list[str]:
    """What its bundle is made of, relative to the project's root."""
    return [function.source, "functions/shared/__init__.py", *(f"functions/shared/{room}" for room in function.rooms)]


def staging_lines(name: str, function: Function) -> Iterator[str]:
    """The same in Bash, for a script that runs in the project's folder."""
    source, *shared = sources_of(function)
    bundle, left_out = f"build/{name}", " -o ".join(f"-name {shlex.quote(pattern)}" for pattern in _LEFT_OUT)
    yield f"echo {bundle}/"
    yield f"rm -rf {bundle}"
    yield f"mkdir -p {bundle}/shared"
    yield f"cp -R {source}/. {bundle}"
    yield f"cp -R {' '.join(shared)} {bundle}/shared"
    yield rf"find {bundle} \( {left_out} \) -prune -exec rm -rf {{}} +"
    yield ""
