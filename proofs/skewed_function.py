"""Runs a function under functions-framework with a clock that is `--clock-ahead` seconds ahead of everyone else's."""

import argparse
import sys
from datetime import datetime, timedelta, tzinfo
from unittest.mock import patch

import functions_framework
from functions_framework._http import create_server


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--source", "--target", "--host"):
        parser.add_argument(option)
    parser.add_argument("--port", type=int)
    parser.add_argument("--clock-ahead", type=float)
    options = parser.parse_args()

    class SkewedDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one is enough
            return datetime.now(tz) + timedelta(seconds=options.clock_ahead)

    app = functions_framework.create_app(options.target, options.source)  # type: ignore[no-untyped-call]  # no types
    # An entry point is the one place that reads the clock.
    with patch.object(sys.modules["main"], "datetime", SkewedDatetime):
        create_server(app, debug=False).run(options.host, options.port)  # type: ignore[no-untyped-call]  # no types


if __name__ == "__main__":
    main()
