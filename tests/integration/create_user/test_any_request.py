"""Requests made by schemathesis from docs/openapi.yaml, right and wrong ones: each answer is documented, none a 5xx."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from testkit.openapi import FILE
from testkit.stack import LocalStack

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
document = schemathesis.openapi.from_path(FILE)
bounded = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@document.parametrize()
@settings(bounded, max_examples=40)
def test_any_request_gets_a_documented_answer(stack: LocalStack, case: schemathesis.Case[Any]) -> None:
    call(case, stack)


@pytest.mark.exhaustive
@document.parametrize()
@settings(bounded, max_examples=300)
def test_any_of_many_requests_gets_a_documented_answer(stack: LocalStack, case: schemathesis.Case[Any]) -> None:
    call(case, stack)


def call(case: schemathesis.Case[Any], stack: LocalStack) -> None:
    case.headers.pop("Origin", None)  # the local stack itself refuses the pages of other sites
    case.call_and_validate(base_url=stack.create_user_url, checks=CHECKS)
