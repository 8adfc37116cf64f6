"""Clocks that differ, an instance that is paused, and pushes that come in another order, again or much later."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from proofs.launched_function import Launch, launcher
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.project import Project
from testkit.pushing import an_event, push
from testkit.smtp_server import Misbehaviour, Script
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

# A tenth of what is deployed: a lease of 45 s, of which the mail server gets 30 s.
LEASE = {"LEASE_SECONDS": "4.5", "SMTP_DEADLINE_SECONDS": "3"}
HOUR, DAY = (timedelta(**length).total_seconds() for length in ({"hours": 1}, {"days": 1}))


def clock_ahead(seconds: float) -> Sequence[str]:
    return launcher("skewed_function.py", f"--clock-ahead={seconds}")


@pytest.mark.parametrize(
    ("holder_ahead", "other_ahead"),
    [
        *((0, DAY), (DAY, 0)),  # by its clock it would take over at once, or never
        *(pytest.param(*skew, marks=pytest.mark.exhaustive) for skew in [(0, -DAY), (-DAY, 0)]),
    ],
)
def test_lease_is_respected_and_taken_over_in_time_by_an_instance_whose_clock_is_a_day_off(
    launch: Launch, project: Project, mail_server: Script, holder_ahead: float, other_ahead: float
) -> None:
    hanging = {"SMTP_PORT": str(mail_server.port)}
    mail_server.replies = {"RCPT": Misbehaviour.HANG}
    holder = launch("send_email", launched_by=clock_ahead(holder_ahead), **LEASE, **hanging)
    other = launch("send_email", launched_by=clock_ahead(other_ahead), **LEASE)
    event = an_event()

    with ThreadPoolExecutor() as pool:
        held = pool.submit(push, holder.url, event)
        assert eventually(lambda: mail_server.commands)
        assert eventually(lambda: push(other.url, event).status_code == 200)

    assert held.result().status_code == 503
    record = only_record(project)
    assert [record[field] for field in ("state", "attempts", "takeovers")] == ["sent", 2, 0]


def test_instance_paused_through_a_takeover_overwrites_nothing_and_sends_nothing_when_it_wakes(
    launch: Launch, project: Project, smtp_proxy: TcpProxy, inbox: Inbox
) -> None:
    sleeper = launch("send_email", SMTP_PORT=str(smtp_proxy.port), **LEASE)
    other = launch("send_email", **LEASE)
    event = an_event()
    smtp_proxy.blackhole()

    with ThreadPoolExecutor() as pool:
        late = pool.submit(push, sleeper.url, event)
        assert eventually(lambda: smtp_proxy.connections)
        sleeper.pause()
        smtp_proxy.forward()
        assert eventually(lambda: push(other.url, event).status_code == 200)
        taken_over = only_record(project)
        sleeper.resume()

    assert late.result().status_code == 503
    assert any("LeaseLostError" in line for line in sleeper.log_lines())
    assert only_record(project) == taken_over
    assert [taken_over[field] for field in ("state", "takeovers")] == ["sent", 1]
    inbox.wait_for_mail_to(event.email)


def test_event_delivered_again_an_hour_later_is_dropped(launch: Launch, inbox: Inbox) -> None:
    event = an_event()
    push(launch("send_email").url, event)
    an_hour_later = launch("send_email", launched_by=clock_ahead(HOUR))

    response = push(an_hour_later.url, event)

    assert response.status_code == 200
    inbox.wait_for_mail_to(event.email)


def test_events_pushed_three_times_each_in_another_order_cause_one_mail_each(stack: LocalStack, inbox: Inbox) -> None:
    events = [an_event() for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda event: push(stack.send_email_url, event), [*events, *reversed(events), *events]))

    assert [len(inbox.mails_to(event.email)) for event in events] == [1] * len(events)


def only_record(project: Project) -> dict[str, Any]:
    [record] = project.documents("deliveries").values()
    return record
