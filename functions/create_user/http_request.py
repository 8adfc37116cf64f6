"""Derives the id of the user to be created: step 1 of docs/architecture.md."""

import re
from contextlib import suppress
from http import HTTPStatus
from uuid import UUID, uuid4, uuid5

from flask import Request

from shared.events.event import UserId
from shared.users.address_key import address_key
from shared.web.problems import Problem

_QUOTED = re.compile('"(.*)"')  # as draft-ietf-httpapi-idempotency-key-header has it
_USER_IDS = UUID("0d4ff2f4-7d2b-4fb6-b9a5-3cd9e3b41f3a")  # the namespace of those made from idempotency keys


def read_user_id(request: Request, *, address: str = "") -> UserId:
    """
    The id of the user to be: named by the Idempotency-Key where there is one, with or without quotes, else random.

    An `address`, in any of its spellings, is part of the name.

    Raises:
        Problem: The key is not a UUID.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return UserId(str(uuid4()))
    if quoted := _QUOTED.fullmatch(key):
        key = quoted[1]
    with suppress(ValueError):
        if str(UUID(key)) == key.lower():  # UUID() reads braces, urn: and stray digits too
            return UserId(str(uuid5(_USER_IDS, key.lower() + address_key(address))))
    detail = "The Idempotency-Key must be a UUID, a new one for each sign-up."
    raise Problem(HTTPStatus.BAD_REQUEST, "malformed-idempotency-key", detail)
