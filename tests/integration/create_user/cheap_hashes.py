"""
Runs create_user under functions-framework with hashes that take next to no time, so that answers tell all the rest.

With `--untimed` first, the wait until the fixed time is left out as well.
"""

import sys
from contextlib import ExitStack
from unittest.mock import patch

import bcrypt
import functions_framework
from functions_framework._http import create_server

CHEAPEST = 4


def main(*, untimed: bool, options: dict[str, str]) -> None:
    app = functions_framework.create_app(options["--target"], options["--source"])  # type: ignore[no-untyped-call]  # no types
    salt = bcrypt.gensalt
    with ExitStack() as patches:
        patches.enter_context(patch.object(bcrypt, "gensalt", lambda _rounds: salt(CHEAPEST)))
        if untimed:
            patches.enter_context(patch.object(sys.modules["main.fixed_time"], "sleep"))
        create_server(app, debug=False).run(options["--host"], options["--port"])  # type: ignore[no-untyped-call]  # no types


if __name__ == "__main__":
    untimed = sys.argv[1] == "--untimed"
    options = sys.argv[1 + untimed :]
    main(untimed=untimed, options=dict(zip(options[::2], options[1::2], strict=True)))
