"""The server that runs a function."""

from collections.abc import MutableMapping

from gunicorn import config  # type: ignore[import-untyped]  # gunicorn brings no types


def configure_server(environ: MutableMapping[str, str]) -> None:
    """
    Have gunicorn kill no worker that was silent for a while, and open no control socket. Call while a function loads.

    The platform sets this variable to the request's timeout, and may take an instance's CPU away for longer between
    requests: the worker would be killed on waking, and with it the request that woke it. Cloud Run ends requests by
    itself. The socket has one path for all servers of a user, which take it from each other and log text, not JSON.
    """
    environ["CLOUD_RUN_TIMEOUT_SECONDS"] = "0"
    config.ControlSocketDisable.default = True
