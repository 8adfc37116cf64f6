"""Stages a function as it is deployed: main.py and requirements.txt at the root, the shared code beside them."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.topology import PROJECT_ROOT, Function

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "requirements.in", "*.proto", "*.pyi")


def stage(name: str, function: Function, root: Path = PROJECT_ROOT) -> Path:
    """
    Stage `function` in `build/<name>/` and return that folder. The same tree gives the same bytes.

    An existing bundle is replaced in one move, because another local stack may be running it.
    """
    bundle = root / "build" / name
    bundle.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=bundle.parent, prefix=".") as scratch:
        fresh = Path(scratch, "fresh")
        shutil.copytree(root / function.source, fresh, ignore=_LEFT_OUT)
        shutil.copytree(root / "functions" / "shared", fresh / "shared", ignore=_LEFT_OUT)
        if bundle.exists():
            bundle.rename(Path(scratch, "old"))
        fresh.rename(bundle)
    return bundle
