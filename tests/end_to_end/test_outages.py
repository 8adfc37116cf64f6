"""What an outage leaves behind is made up for once it is over."""

from google.cloud.firestore import Client

from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.relaying import relay
from testkit.running_function import RunFunction
from testkit.signing_up import an_address, members, sign_up
from testkit.stack import LocalStack
from testkit.tcp_proxy import TcpProxy


def test_event_of_a_sign_up_while_the_broker_was_down_is_relayed_once_it_is_back(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    broker_proxy: TcpProxy,
    inbox: Inbox,
) -> None:
    stack.push_events_of(firestore_client.project)
    outbox = firestore_client.collection("outbox")
    address = an_address()
    through_proxy = stack.broker.settings_at(broker_proxy.address)
    create_user = run_function("create_user", **through_proxy)
    broker_proxy.refuse()

    response = sign_up(create_user.url, members(email=address))

    assert response.status_code == 201
    assert len(outbox.get()) == 1
    assert inbox.mails_to(address) == []

    broker_proxy.forward()
    relay_outbox = run_function("relay_outbox", OUTBOX_GRACE_SECONDS="0", **through_proxy)

    assert relay(relay_outbox.url) == {"relayed": 1, "remaining": 0}
    assert outbox.get() == []
    inbox.wait_for_mail_to(address)


def test_mail_that_a_server_that_was_down_could_not_take_is_sent_once_it_is_back(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    smtp_proxy: TcpProxy,
    inbox: Inbox,
) -> None:
    address = an_address()
    send_email = run_function("send_email", SMTP_PORT=str(smtp_proxy.port))
    stack.push_events_of(firestore_client.project, send_email.url)
    create_user = run_function("create_user")
    smtp_proxy.refuse()

    sign_up(create_user.url, members(email=address))

    deliveries = firestore_client.collection("deliveries")
    assert eventually(lambda: [each.get("state") for each in deliveries.get()] == ["released"])
    assert inbox.mails_to(address) == []

    smtp_proxy.forward()

    inbox.wait_for_mail_to(address)
    assert eventually(lambda: [each.get("state") for each in deliveries.get()] == ["sent"])
