"""Requests made by schemathesis from docs/openapi.yaml, right and wrong ones: each answer is documented, none a 5xx."""

from collections.abc import Iterator
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
from testkit.running_function import RunningFunction
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


@pytest.fixture(scope="module")
def urls(stack: LocalStack) -> Iterator[list[str]]:
    """create_user in both modes."""
    mailbox_first = RunningFunction(stack, "create_user", {"VERIFY_EMAIL": "true"})
    mailbox_first.wait_until_ready()
    yield [stack.create_user_url, mailbox_first.url]
    mailbox_first.stop()


@pytest.mark.sample
@document.parametrize()
@settings(bounded, max_examples=30)
def test_any_request_gets_a_documented_answer(urls: list[str], case: schemathesis.Case[Any]) -> None:
    call(case, urls)


@pytest.mark.exhaustive
@document.parametrize()
@settings(bounded, max_examples=300)
def test_any_of_many_requests_gets_a_documented_answer(urls: list[str], case: schemathesis.Case[Any]) -> None:
    call(case, urls)


def call(case: schemathesis.Case[Any], urls: list[str]) -> None:
    case.headers.pop("Origin", None)  # the local stack itself refuses the pages of other sites
    for url in urls:
        case.call_and_validate(base_url=url, checks=CHECKS)
