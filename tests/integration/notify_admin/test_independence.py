"""A subscriber that fails delays no other."""

from collections import Counter
from typing import Any

from google.cloud.firestore import Client

from tests.inbox import Inbox
from tests.running_function import RunFunction
from tests.signing_up import an_address, members, sign_up
from tests.sms_inbox import SmsInbox
from tests.stack import LocalStack
from tests.tcp_proxy import TcpProxy
from tests.waiting import eventually

ADDRESSES = [an_address() for _ in range(10)]


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
    stack.push_events_of(firestore_client.project, notify_admin.url, subscription="notify-admin")
    sms_proxy.refuse()

    users = {address: sign_up(create_user.url, members(email=address)).json()["id"] for address in ADDRESSES}

    for address in users:
        inbox.wait_for_mail_to(address)
    assert eventually(lambda: states(firestore_client, "send_email") == {"sent": len(users)})
    assert eventually(lambda: states(firestore_client, "notify_admin") == {"released": len(users)})
    assert {record["attempts"] for record in records(firestore_client, "send_email")} == {1}
    assert [sms for user_id in users.values() for sms in sms_inbox.about(user_id)] == []

    sms_proxy.forward()

    for user_id in users.values():
        sms_inbox.wait_for_sms_about(user_id)
    assert eventually(lambda: states(firestore_client, "notify_admin") == {"sent": len(users)})


def records(firestore: Client, subscriber: str) -> list[dict[str, Any]]:
    deliveries = firestore.collection("deliveries").get()
    return [each.to_dict() or {} for each in deliveries if each.id.startswith(f"{subscriber}.")]


def states(firestore: Client, subscriber: str) -> Counter[str]:
    return Counter(record["state"] for record in records(firestore, subscriber))
