"""A request to sign up: `create_user` without its HTTP edge."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import NAMESPACE_OID, uuid5

from create_user.firestore_users import FirestoreUsers
from create_user.registration import EmailTakenError, IdempotencyKeyReusedError, RegistrationError, register_user
from create_user.user import NewUser
from proofs.explore.models.outside import best_effort, database
from proofs.explore.replay import wall_clock
from shared.events.event import UserId
from shared.outbox.outbox import Entry
from shared.web.after_the_answer import at_once
from testkit.fakes import Passwords

_USERS = FirestoreUsers(database)


@dataclass(frozen=True)
class SignUp:
    """A request with an Idempotency-Key; it clears its entry before its answer, or after it."""

    key: str = "a key"
    email: str = "ewan@example.com"
    password: str = "plum"
    clears_after_the_answer: bool = False

    @property
    def user_id(self) -> UserId:
        return UserId(str(uuid5(NAMESPACE_OID, self.key)))

    def __call__(self) -> str:
        after_the_answer: list[Callable[[], None]] = []
        later = after_the_answer.append if self.clears_after_the_answer else at_once
        answer = self._answer(best_effort(later))
        for work in after_the_answer:
            work()
        return answer

    def _answer(self, publish: Callable[[Entry], None]) -> str:
        passwords = Passwords()
        register = partial(
            register_user,
            NewUser(name="Ewan", company="", email=self.email, password=self.password),
            self.user_id,
            passwords=passwords,
            users=_USERS,
            publish=publish,
            now=wall_clock,
            traceparent="",
        )
        try:
            return f"201 {register().user.id}"
        except EmailTakenError:
            return "409"
        except IdempotencyKeyReusedError:
            return "422"
        except RegistrationError:
            return "503"
