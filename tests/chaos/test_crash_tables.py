"""The table of both brokers counts what came of every crash."""

from proofs.crash_case import Result
from proofs.crash_tables import counts_table
from proofs.scenarios import PUSHER_SCENARIOS, SCENARIOS, Scenario

PATH, PUSH = SCENARIOS[0], PUSHER_SCENARIOS[0]


def result(scenario: Scenario, *broken: str, mails: int = 1) -> Result:
    return Result(scenario, "after rpc:Commit#1", moments=[], mails=mails, ending="", broken=broken)


def test_crashes_are_counted_by_path_and_broker_with_what_was_lost_broken_and_sent_twice() -> None:
    on_pubsub = [result(PATH), result(PATH, mails=2), result(PATH, "I2: the mail is lost", "I6: answered otherwise")]
    on_nats = [result(PATH), result(PUSH, "I3: 2 mails", mails=2)]

    rows = counts_table({"Pub/Sub": on_pubsub, "NATS": on_nats}).splitlines()

    assert rows == [
        "| path | Pub/Sub: crashes | lost | broken | duplicates | NATS: crashes | lost | broken | duplicates |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        "| `create_user`: first attempt | 3 | 1 | 1 | 1 | 1 | 0 | 0 | 0 |",
        "| `pusher`: first push | – | – | – | – | 1 | 0 | 1 | 1 |",  # noqa: RUF001  dashes
        "| **all** | 3 | 1 | 1 | 1 | 2 | 0 | 1 | 1 |",
    ]
