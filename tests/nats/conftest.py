"""Everything here runs on NATS, whatever the broker of the other suites."""

import pytest

from testkit.stack import LocalStack


@pytest.fixture
def stack(nats_stack: LocalStack) -> LocalStack:
    return nats_stack
