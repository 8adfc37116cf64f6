"""Stages a function as it is deployed: main.py and requirements.txt at the root, the shared code beside them."""

import shutil
from pathlib import Path

from deploy.topology import PROJECT_ROOT, Function

_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "requirements.in", "*.proto", "*.pyi")


def stage(name: str, function: Function, root: Path = PROJECT_ROOT) -> Path:
    """
    Stage `function` in `build/<name>/` and return that folder.

    An existing bundle is replaced. The same tree gives the same bytes.
    """
    bundle = root / "build" / name
    shutil.rmtree(bundle, ignore_errors=True)
    shutil.copytree(root / function.source, bundle, ignore=_LEFT_OUT)
    shutil.copytree(root / "functions" / "shared", bundle / "shared", ignore=_LEFT_OUT)
    return bundle
