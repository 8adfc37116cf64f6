"""Users, requests and their outbox, in memory or in Firestore."""

from dataclasses import dataclass
from itertools import chain

from create_user.firestore_sign_up_requests import FirestoreSignUpRequests
from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from create_user.user import StoredUser
from shared.events.event import Event
from shared.outbox.outbox import Entry, Outbox
from testkit import fakes
from testkit.builders import TRACEPARENT
from testkit.fake_requests import Requests


@dataclass
class Store:
    users: fakes.Users | FirestoreUsers
    requests: Requests | FirestoreSignUpRequests
    outbox: Outbox

    def add(self, user: StoredUser) -> Event:
        event = user_created(user.user, TRACEPARENT)
        self.users.add(user, event)
        return event

    def events(self) -> list[Event]:
        return [entry.event for entry in self.entries()]

    def entries(self) -> list[Entry]:
        return list(chain.from_iterable(self.outbox.pages()))
