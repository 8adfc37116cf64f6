"""send_email while the mail provider limits the rate: it slows down and fails nothing."""

from collections import Counter

from google.cloud.firestore import Client

from testkit.push_subscription import push_all
from testkit.pushing import an_event
from testkit.rate_limited_smtp import RateLimitedSmtp
from testkit.running_function import RunFunction


def test_events_that_come_faster_than_the_provider_takes_mails_are_all_mailed_once(
    run_function: RunFunction, firestore_client: Client
) -> None:
    events = [an_event() for _ in range(60)]
    provider = RateLimitedSmtp(rate=20, burst=5, mail_seconds=0)
    send_email = run_function("send_email", SMTP_PORT=str(provider.port))

    with provider.serving():
        subscription = push_all(send_email.url, events, places=16, faster=200)

    records = [record.to_dict() or {} for record in firestore_client.collection("deliveries").get()]
    assert provider.refusals > 0
    assert Counter(mail.message_id for mail in provider.accepted) == Counter(
        f"<{event.event_id}@usher.example>" for event in events
    )
    assert subscription.dead_letters == []
    assert Counter(record["state"] for record in records) == {"sent": 60}
