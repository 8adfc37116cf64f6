"""One event, a mail and an SMS, in one trace."""

from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.signing_up import TRACE_ID, an_address, members, sign_up
from testkit.sms_inbox import SmsInbox
from testkit.stack import LocalStack


def test_new_user_gets_one_mail_and_the_admin_one_sms_of_the_same_trace(
    stack: LocalStack, inbox: Inbox, sms_inbox: SmsInbox
) -> None:
    address = an_address()

    user_id = sign_up(stack.create_user_url, members(email=address)).json()["id"]
    mail, sms = inbox.wait_for_mail_to(address), sms_inbox.wait_for_sms_about(user_id)

    assert mail["X-Trace-Id"] == TRACE_ID
    assert sms["traceparent"].split("-")[1] == TRACE_ID
    logged = eventually(lambda: [line for line in stack.log_lines() if '"sms_sent"' in line and user_id in line])
    assert [TRACE_ID in line for line in logged] == [True]
