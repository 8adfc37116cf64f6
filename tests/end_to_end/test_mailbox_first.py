"""From an address to a user where the mailbox comes first, by the link in the mail."""

from collections.abc import Callable
from uuid import uuid4

from google.cloud.firestore import Client

from shared.events.codec import decode
from shared.events.message import Message
from shared.events.sign_up_repeated import SignUpRepeated
from shared.events.sign_up_requested import SignUpRequested
from shared.events.user_created import UserCreated
from testkit.inbox import Inbox
from testkit.polling import eventually
from testkit.running_function import RunFunction
from testkit.signing_up import an_address, members_beside, request_sign_up, sign_up
from testkit.stack import LocalStack


def test_link_in_the_mail_signs_its_address_up_once_and_a_later_request_is_a_note_to_the_user(
    stack: LocalStack,
    firestore_client: Client,
    run_function: RunFunction,
    inbox: Inbox,
    published: Callable[[], list[Message]],
) -> None:
    stack.push_events_of(firestore_client.project)
    url, address = run_function("create_user", VERIFY_EMAIL="true").url, an_address()

    for _ in range(3):
        request_sign_up(url, address)
    page, _, token = inbox.wait_for_link_to(address).partition("#")

    assert page == f"{stack.create_user_url}sign-up"
    assert firestore_client.collection("users").get() == []

    body, key = members_beside(token), str(uuid4())
    first, again, other = (sign_up(url, body, key=each) for each in (key, key, str(uuid4())))

    user = first.json()
    assert [first.status_code, again.status_code, other.status_code] == [201, 201, 409]
    assert (again.json(), user["email"]) == (user, address)
    assert user.keys() == {"id", "name", "company", "email", "created_at"}
    [stored] = firestore_client.collection("users").get()
    assert (stored.id, stored.get("email_verified")) == (user["id"], True)
    assert eventually(lambda: subjects(inbox, address) == ["Welcome to Usher", "Finish signing up for Usher"])

    firestore_client.collection("sign_up_requests").get()[0].reference.delete()  # its minute is not waited for
    request_sign_up(url, address.upper())

    assert eventually(lambda: subjects(inbox, address)[0] == "You already have an account at Usher")
    requested, created, *_, repeated = map(decode, published())
    assert isinstance(requested, SignUpRequested)
    assert isinstance(created, UserCreated)
    assert isinstance(repeated, SignUpRepeated)
    assert requested.user_id != created.user_id == repeated.user_id == user["id"]
    assert (created.email_verified, repeated.email) == (True, address)


def subjects(inbox: Inbox, address: str) -> list[str]:
    """Of the mails to the address, newest first."""
    return [str(mail["Subject"]) for mail in inbox.mails_to(address)]
