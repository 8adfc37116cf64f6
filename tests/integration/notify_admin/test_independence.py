"""A subscriber that fails delays no other."""

import time
from collections import Counter
from statistics import median
from typing import Any

from google.cloud.firestore import Client

from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.running_function import RunFunction
from testkit.signing_up import an_address, members, sign_up
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy

USERS = 5
SLACK_SECONDS = 1


def test_sms_service_that_is_down_delays_no_mail_and_each_sms_is_sent_once_it_is_back(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    sms_proxy: TcpProxy,
    inbox: Inbox,
    sms_inbox: SmsInbox,
) -> None:
    create_user, send_email = run_function("create_user"), run_function("send_email")
    notify_admin = run_function("notify_admin", SMS_BASE_URL=f"http://{sms_proxy.address}")
    stack.push_events_of(firestore_client.project, send_email.url)
    undisturbed = dict(sign_up_until_mailed(create_user.url, inbox) for _ in range(USERS))
    stack.push_events_of(firestore_client.project, notify_admin.url, subscription="notify-admin")
    sms_proxy.refuse()

    disturbed = dict(sign_up_until_mailed(create_user.url, inbox) for _ in range(USERS))

    assert median(disturbed.values()) < 3 * median(undisturbed.values()) + SLACK_SECONDS
    assert eventually(lambda: states(firestore_client, "send_email") == {"sent": 2 * USERS})
    assert eventually(lambda: states(firestore_client, "notify_admin") == {"released": USERS})
    assert {record["attempts"] for record in records(firestore_client, "send_email")} == {1}
    assert [sms for user_id in disturbed for sms in sms_inbox.about(user_id)] == []

    sms_proxy.forward()

    for user_id in disturbed:
        sms_inbox.wait_for_sms_about(user_id)
    assert eventually(lambda: states(firestore_client, "notify_admin") == {"sent": USERS})


def sign_up_until_mailed(url: str, inbox: Inbox) -> tuple[str, float]:
    """A new user's id, and the seconds from the sign-up to the mail."""
    address, started = an_address(), time.monotonic()
    user_id: str = sign_up(url, members(email=address)).json()["id"]
    inbox.wait_for_mail_to(address)
    return user_id, time.monotonic() - started


def records(firestore: Client, subscriber: str) -> list[dict[str, Any]]:
    deliveries = firestore.collection("deliveries").get()
    return [each.to_dict() or {} for each in deliveries if each.id.startswith(f"{subscriber}.")]


def states(firestore: Client, subscriber: str) -> Counter[str]:
    return Counter(record["state"] for record in records(firestore, subscriber))
