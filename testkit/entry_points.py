"""Entry points as functions-framework loads them, called without a server."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import functions_framework
from werkzeug.test import Client

_CLOSED = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", "PUBSUB_EMULATOR_HOST": "127.0.0.1:1"}
_PLATFORM = {"CLOUD_RUN_TIMEOUT_SECONDS": "60"}  # what it sets
FUNCTIONS = Path(__file__).parent.parent / "functions"


@contextmanager
def loaded(source: Path, target: str, environment: Mapping[str, str]) -> Iterator[Client]:
    """
    Load `target` from the file `source` with no other environment than the given one, and yield a client of it.

    Every function's main.py becomes the top-level package `main`: it is forgotten afterwards, so that the next one
    does not meet it.
    """
    environment = {**_CLOSED, **_PLATFORM, "FUNCTION_TARGET": target, **environment}
    with patch.dict(os.environ, environment, clear=True), patch.object(sys, "path", sys.path[:]), logging_restored():
        try:
            app = functions_framework.create_app(target, str(source))  # type: ignore[no-untyped-call]  # its gap
            if source.is_relative_to(FUNCTIONS):
                assert os.environ["CLOUD_RUN_TIMEOUT_SECONDS"] == "0", "the server would kill a worker that was frozen"
            yield Client(app)
        finally:
            for name in [name for name in sys.modules if name.partition(".")[0] == source.stem]:
                del sys.modules[name]


@contextmanager
def logging_restored() -> Iterator[None]:
    """Undo what the start of a function does to the logging of the whole process."""
    root, own = logging.getLogger(), logging.getLogger("usher")
    handlers, root_level, own_level = root.handlers[:], root.level, own.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(root_level)
        own.setLevel(own_level)
