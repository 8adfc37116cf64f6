"""Runs create_user under functions-framework as it is, but for the wait until the fixed time."""

import sys
from unittest.mock import patch

import functions_framework
from functions_framework._http import create_server


def main() -> None:
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    app = functions_framework.create_app(options["--target"], options["--source"])  # type: ignore[no-untyped-call]  # no types
    with patch.object(sys.modules["main.fixed_time"], "sleep"):
        create_server(app, debug=False).run(options["--host"], options["--port"])  # type: ignore[no-untyped-call]  # no types


if __name__ == "__main__":
    main()
