"""
Runs a function under functions-framework, as `python -m functions_framework` does, for this machine's requests only.

A program of its own: `python -m emulator.functions.function_server`, with the framework's options.
"""

import argparse
import os
from collections.abc import Collection, Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import functions_framework
from flask import Response
from functions_framework._http import create_server

from emulator.same_machine import refusal


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--source", "--target", "--host"):
        parser.add_argument(option, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    app = functions_framework.create_app(options.target, options.source)  # type: ignore[no-untyped-call]  # no types
    # The setting is create_user's; other functions answer no page.
    app.wsgi_app = for_this_machine(app.wsgi_app, pages=os.environ.get("CORS_ORIGINS", "").split())
    # gunicorn's control socket would be one in the user's home for all functions.
    server = create_server(app, debug=False, control_socket_disable=True)  # type: ignore[no-untyped-call]  # no types
    server.run(options.host, options.port)


def for_this_machine(app: WSGIApplication, *, pages: Collection[str]) -> WSGIApplication:
    """`app` without the requests of other sites; those of `pages`, by origin, it gets. Links may lead here."""

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        hosts, origins, sites = ([environ[name]] if name in environ else [] for name in _HEADERS)
        is_opened = environ["REQUEST_METHOD"] == "GET" and environ.get("HTTP_SEC_FETCH_DEST") == "document"
        if reason := refusal(hosts, origins, [] if is_opened else sites, pages=pages):
            return Response(reason, HTTPStatus.FORBIDDEN, mimetype="text/plain")(environ, start_response)
        return app(environ, start_response)

    return guarded


_HEADERS = ("HTTP_HOST", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE")


if __name__ == "__main__":
    main()
