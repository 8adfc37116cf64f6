"""Every event that the suite publishes is as docs/asyncapi.yaml says."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from shared.events.codec import MalformedEventError, decode
from shared.events.message import Message
from testkit.asyncapi import assert_documented
from testkit.stack import LocalStack


@pytest.fixture(autouse=True)
def published(request: pytest.FixtureRequest) -> Iterator[Callable[[], list[Message]]]:
    """What is published during a test on a stack, in the stack's project and in the test's own."""
    if "stack" not in request.fixturenames:
        yield list
        return
    stack: LocalStack = request.getfixturevalue("stack")
    projects = [stack.project]
    if "firestore_client" in request.fixturenames:
        projects.append(request.getfixturevalue("firestore_client").project)
    with ExitStack() as open_witnesses:
        witnesses = [open_witnesses.enter_context(closing(stack.broker.witness(each))) for each in projects]

        def messages() -> list[Message]:
            return [message for witness in witnesses for message in witness.messages()]

        yield messages
        for message in messages():
            if _is_event(message):
                assert_documented(message)


def _is_event(message: Message) -> bool:
    """A test may put anything on a topic. What a function publishes that is none becomes no mail."""
    try:
        decode(message)
    except MalformedEventError:
        return False
    return True
