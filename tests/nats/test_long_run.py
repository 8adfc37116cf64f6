"""The long run on NATS, short, mailbox first: `make chaos BROKER=nats VERIFY_EMAIL=true` is the same for thousands."""

import pytest

from proofs.long_run import run
from proofs.long_run_world import Peer
from shared.broker.settings import Broker
from testkit.stack import LocalStack


@pytest.mark.timeout(240)
def test_storm_that_also_kills_the_server_and_pauses_pushers_loses_nothing_and_sends_no_unexplained_duplicate(
    stack: LocalStack,
) -> None:
    finished = run(stack, Peer.USHER, users=180, seed=1, outcomes=[], broker=Broker.NATS, verify_email=True)

    assert finished.score.keeps_promises, finished
    assert finished.score.users > 110  # some get no answer
    assert finished.score.silenced
    assert len(finished.faults) > 5
