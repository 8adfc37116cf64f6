"""Whatever sign-ups, relays, crashes and lost replies do, in any order, no stored user's event is lost."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from secrets import token_hex
from uuid import NAMESPACE_DNS, uuid5

import pytest
from google.cloud.firestore import Client
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from create_user.firestore_users import FirestoreUsers
from create_user.registration import (
    LookUp,
    Registration,
    RegistrationError,
    UndecidedError,
    Users,
    UsersUnavailableError,
    register_user,
    user_created,
)
from create_user.user import StoredUser, User
from relay_outbox.relay import relay_outbox
from shared.broker.publisher import PublisherUnavailableError
from shared.events.event import Event, UserId
from shared.events.user_created import UserCreated
from shared.outbox.firestore_outbox import FirestoreOutbox
from shared.outbox.outbox import (
    LEFT_IN_OUTBOX,
    Entry,
    EntryVersion,
    Outbox,
    OutboxUnavailableError,
    publish_best_effort,
)
from testkit import fakes
from testkit.builders import a_new_user
from testkit.database import database_of
from testkit.stepping import GOING_WRONG, Clock, Stepped, Way

_USER_IDS = [UserId(str(uuid5(NAMESPACE_DNS, name))) for name in ("one", "two", "three")]
_ADDRESSES = ("ewan@example.com", "Ewan@example.com", "ada@example.com")
_GRACE = timedelta(seconds=10)
_AT_ONCE = 4


class Process(Stepped):
    """A request or a run of the relay. It is its own outbox, publisher and store of users: each call is a step."""

    def __init__(self, machine: "OutboxMachine") -> None:
        self.machine = machine
        super().__init__()

    def publish(self, event: Event) -> None:
        publish = partial(self.machine.published.append, event)
        self.effect("publish", publish, failed=PublisherUnavailableError())

    def pages(self) -> Iterator[Sequence[Entry]]:
        """One entry a page, so that the relay does one thing at a time. Each is old enough."""
        for entry in self.effect("read", self.machine.waiting, failed=OutboxUnavailableError()):
            yield [replace(entry, age_seconds=_GRACE.total_seconds())]

    def clear(self, entry: Entry) -> None:
        self.effect("clear", partial(self.machine.outbox.clear, entry), failed=OutboxUnavailableError())

    def count(self) -> int:
        return self.machine.outbox.count()

    def add(self, user: StoredUser, event: UserCreated) -> EntryVersion:
        def add() -> EntryVersion:
            version = self.machine.users.add(user, event)
            self.machine.stored[user.user.id] = user.user
            return version

        return self.effect("commit", add, failed=UndecidedError())

    def look_up(self, user_id: UserId, email: str) -> LookUp:
        look_up = partial(self.machine.users.look_up, user_id, email)
        return self.effect("look up", look_up, failed=UsersUnavailableError())


class SignUp(Process):
    """A request. With the user id of another it is its repetition, or a reuse of its key."""

    expected = (RegistrationError,)

    def __init__(self, machine: "OutboxMachine", user_id: UserId, email: str) -> None:
        self.user_id = user_id
        self.email = email
        super().__init__(machine)

    def work(self) -> Registration:
        return register_user(
            a_new_user(email=self.email),
            self.user_id,
            passwords=fakes.Passwords(),
            users=self,
            publish=partial(publish_best_effort, publisher=self, outbox=self, later=lambda work: work()),
            now=self.machine.clock.now,
            traceparent="",
        )


class Relay(Process):
    expected = LEFT_IN_OUTBOX

    def work(self) -> None:
        relay_outbox(self, self, grace=_GRACE, budget_seconds=60, now=self.machine.clock.now)


class OutboxMachine(RuleBasedStateMachine):
    """Sign-ups that share user ids and addresses, and two relays, over one store."""

    def __init__(self, users: Users, outbox: Outbox) -> None:
        super().__init__()
        self.users = users
        self.outbox = outbox
        self.clock = Clock()
        self.processes: list[Process] = []
        self.stored: dict[UserId, User] = {}
        self.published: list[Event] = []

    def waiting(self) -> list[Entry]:
        return [entry for page in self.outbox.pages() for entry in page]

    @precondition(lambda self: len(self.processes) < _AT_ONCE)
    @rule(user_id=st.sampled_from(_USER_IDS), email=st.sampled_from(_ADDRESSES))
    def sign_up(self, user_id: UserId, email: str) -> None:
        self.processes.append(SignUp(self, user_id, email))

    @precondition(lambda self: len(self.processes) < _AT_ONCE)
    @rule()
    def relay(self) -> None:
        self.processes.append(Relay(self))

    @precondition(lambda self: self.processes)
    @rule(number=st.integers(0, _AT_ONCE - 1), steps=st.integers(1, 5))
    def go_on(self, number: int, steps: int) -> None:
        process = self.processes[number % len(self.processes)]
        process.go_on(steps)
        self._part_from(process)

    @precondition(lambda self: self.processes)
    @rule(number=st.integers(0, _AT_ONCE - 1), way=st.sampled_from(GOING_WRONG))
    def go_wrong(self, number: int, way: Way) -> None:
        process = self.processes[number % len(self.processes)]
        process.step(way)
        self._part_from(process)

    @rule(seconds=st.sampled_from([1, 11]))
    def let_time_pass(self, seconds: float) -> None:
        self.clock.seconds += seconds

    @invariant()
    def every_stored_users_event_waits_or_is_published_and_no_other(self) -> None:
        events = [user_created(user, "") for user in self.stored.values()]
        seen = [*(entry.event for entry in self.waiting()), *self.published]
        assert all(event in seen for event in events)
        assert all(event in events for event in seen)

    @invariant()
    def no_address_has_two_users(self) -> None:
        addresses = [user.email.lower() for user in self.stored.values()]
        assert len(set(addresses)) == len(addresses)

    def _part_from(self, process: Process) -> None:
        if process.is_over:
            assert process.error is None
            self.processes.remove(process)
            if isinstance(process.result, Registration):
                assert process.result.user == self.stored[process.result.user.id]

    def teardown(self) -> None:
        """All processes die; one more run of the relay, undisturbed, publishes whatever waits."""
        for process in self.processes:
            process.step(Way.CRASH_BEFORE)
        self.clock.seconds += _GRACE.total_seconds()
        last = Relay(self)
        last.go_on()
        assert last.error is None
        assert self.waiting() == []
        assert {event.user_id for event in self.published} == set(self.stored)


FEW = settings(max_examples=10, stateful_step_count=40, deadline=None)
SOME = settings(FEW, max_examples=200)
MANY = settings(FEW, max_examples=60)  # not more: docs/explore.md says what is searched without a gap
EXHAUSTIVE = [pytest.mark.exhaustive, pytest.mark.timeout(900)]


def test_no_event_is_lost_over_the_fake_store() -> None:
    class OverTheFake(OutboxMachine):
        def __init__(self) -> None:
            users = fakes.Users()
            super().__init__(users, users.outbox)

    run_state_machine_as_test(OverTheFake, settings=SOME)


@pytest.mark.parametrize("extent", [pytest.param(FEW, marks=pytest.mark.sample), pytest.param(MANY, marks=EXHAUSTIVE)])
def test_no_event_is_lost_over_firestore(
    firestore_host: str, monkeypatch: pytest.MonkeyPatch, extent: settings
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)

    class OverFirestore(OutboxMachine):
        """Each in a project of its own: the outbox holds everybody's events."""

        def __init__(self) -> None:
            self.client = Client(project=f"test-{token_hex(8)}")
            super().__init__(FirestoreUsers(database_of(self.client)), FirestoreOutbox(database_of(self.client)))

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.client.close()  # type: ignore[no-untyped-call]  # the library's gap

    run_state_machine_as_test(OverFirestore, settings=extent)
