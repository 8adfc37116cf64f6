"""The server that runs a function."""

from collections.abc import MutableMapping


def spare_frozen_workers(environ: MutableMapping[str, str]) -> None:
    """
    Have gunicorn kill no worker that was silent for a while.

    The platform sets this variable to the request's timeout, and may take an instance's CPU away for longer between
    requests: the worker would be killed on waking, and with it the request that woke it. Cloud Run ends requests by
    itself.
    """
    environ["CLOUD_RUN_TIMEOUT_SECONDS"] = "0"
