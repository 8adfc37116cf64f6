"""One bound on a call to Firestore, and what follows from it: who waits how long at most."""

import math
import time

import pytest
from google.api_core.exceptions import DeadlineExceeded, RetryError, ServiceUnavailable
from google.api_core.gapic_v1.method import wrap_method

from blueprint.topology import read_topology
from create_user.hash_queue import busy_hash_seconds
from create_user.settings import Settings as SignUpSettings
from relay_outbox.settings import Settings
from shared.broker.pubsub_publisher import FIRST_TIMEOUT_SECONDS as PUBLISH_SECONDS
from shared.deliveries.deliver_once import PAUSE_SECONDS
from shared.firestore.calls import TIMEOUT_SECONDS, call
from shared.outbox.firestore_outbox import AT_ONCE, COUNTED_RANGES
from shared.runtime.settings import SettingsError, read_settings
from shared.web.request_body import SECONDS as BODY_SECONDS


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that pass where somebody sleeps or waits for a reply."""
    seconds = [0.0]
    for name in ("time.monotonic", "shared.firestore.calls.monotonic"):
        monkeypatch.setattr(name, lambda: seconds[0])
    monkeypatch.setattr(time, "sleep", lambda pause: seconds.__setitem__(0, seconds[0] + pause))
    return seconds


@pytest.mark.parametrize("refused_until", [0, 1.1, 1.9, 10])
def test_call_with_all_its_repeats_is_over_within_the_timeout(clock: list[float], refused_until: float) -> None:
    def refuse_then_be_silent(*_: object, timeout: float, **__: object) -> None:
        if clock[0] < refused_until:
            clock[0] += 0.01
            raise ServiceUnavailable("try again")  # type: ignore[no-untyped-call]  # the library's gap
        clock[0] += timeout
        raise DeadlineExceeded("silent")  # type: ignore[no-untyped-call]  # the library's gap

    with pytest.raises((DeadlineExceeded, RetryError)):
        wrap_method(refuse_then_be_silent)("request", **call())  # type: ignore[no-untyped-call]  # the library's gap

    assert clock[0] <= TIMEOUT_SECONDS + 0.01


def test_second_stream_of_one_call_gets_what_is_left(clock: list[float]) -> None:
    """The library reads on with a new request where a stream breaks off."""
    timeouts: list[float] = []
    ask = wrap_method(lambda *_, timeout, **__: timeouts.append(timeout))  # type: ignore[no-untyped-call]  # its gap
    arguments = call()
    for _ in range(2):
        ask("request", **arguments)
        clock[0] += 1.5

    assert timeouts == [2.0, 0.5]


def test_sign_up_ends_before_its_request_times_out_and_before_the_relay_takes_its_event() -> None:
    environment = {"GOOGLE_CLOUD_PROJECT": "usher-test", "EVENT_TOPIC": "user.created"}
    peppers = {"PASSWORD_PEPPERS": "1:" + "p" * 32}
    longest_set = {"HASH_QUEUE_SECONDS": "11", "BCRYPT_ROUNDS": "16"}
    settings = read_settings(SignUpSettings, environment | peppers | longest_set)
    for beyond in ({"HASH_QUEUE_SECONDS": "11.1"}, {"BCRYPT_ROUNDS": "17"}):
        with pytest.raises(SettingsError, match=next(iter(beyond))):
            read_settings(SignUpSettings, environment | peppers | longest_set | beyond)
    a_hash = settings.hash_queue_seconds + busy_hash_seconds(settings.bcrypt_rounds)
    commit, look_up, publish, clear = TIMEOUT_SECONDS, TIMEOUT_SECONDS, PUBLISH_SECONDS, TIMEOUT_SECONDS
    store_twice = 2 * (commit + look_up)

    longest = BODY_SECONDS + look_up + 2 * a_hash + store_twice + publish + clear  # the first look-up with a link only
    longest_with_an_entry = commit + look_up + publish + clear

    assert longest < read_topology().functions["create_user"].timeout_seconds
    assert longest_with_an_entry < read_settings(Settings, environment).outbox_grace_seconds


def test_run_of_the_relay_ends_before_its_request_times_out() -> None:
    environment = {"GOOGLE_CLOUD_PROJECT": "usher-test", "EVENT_TOPIC": "user.created"}
    longest_budget = read_settings(Settings, environment | {"RELAY_BUDGET_SECONDS": "35"}).relay_budget_seconds
    with pytest.raises(SettingsError, match="RELAY_BUDGET_SECONDS"):
        read_settings(Settings, environment | {"RELAY_BUDGET_SECONDS": "35.1"})
    page_begun_in_time, publish_and_clear = TIMEOUT_SECONDS, PUBLISH_SECONDS + TIMEOUT_SECONDS
    count = (1 + math.ceil(COUNTED_RANGES / AT_ONCE)) * TIMEOUT_SECONDS  # in one query, then in ranges

    longest = longest_budget + page_begun_in_time + publish_and_clear + count

    assert longest < read_topology().functions["relay_outbox"].timeout_seconds


@pytest.mark.parametrize("name", read_topology().subscribers())
def test_delivery_ends_before_its_request_times_out(name: str) -> None:
    topology = read_topology()
    write_and_read_back = 2 * TIMEOUT_SECONDS
    last_write_begins = topology.push.lease_seconds + PAUSE_SECONDS
    claim_and_takeover = 2 * write_and_read_back

    assert last_write_begins + write_and_read_back < topology.functions[name].timeout_seconds
    assert claim_and_takeover < 30  # of the act's: it is over before the act would begin
