"""Nothing is done with a sign-up: what the server itself can do."""

import functions_framework
from flask import Request


@functions_framework.http
def create_user(_: Request) -> tuple[str, int]:
    return "", 201
