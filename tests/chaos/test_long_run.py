"""The long run, short: `make chaos` is the same for thousands of users."""

import pytest

from proofs.long_run import run
from proofs.long_run_world import Peer
from testkit.stack import LocalStack


@pytest.mark.timeout(240)
def test_storm_of_faults_loses_nothing_and_leaves_no_unexplained_duplicate(stack: LocalStack) -> None:
    finished = run(stack, Peer.USHER, users=240, seed=1, outcomes=[])

    assert finished.score.keeps_promises, finished
    assert finished.score.mails > 200
    assert len(finished.faults) > 5
