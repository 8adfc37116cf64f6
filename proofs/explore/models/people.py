"""An owner and an attacker: what each of them keeps secret, and what each knows of the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from proofs.explore.world import Mail, World
from shared.contract.documents import USERS
from shared.links.sign_up_link import LIFETIME


@dataclass(frozen=True)
class Person:
    """`address` is that of a mailbox, to which mails to its tagged addresses go, too, in any spelling."""

    address: str
    password: str

    def reads(self, address: str) -> bool:
        user, _, domain = address.lower().partition("@")
        return f"{user.partition('+')[0]}@{domain}" == self.address


OWNER = Person("owner@example.com", "plum tractor violet harbour")
ATTACKER = Person("attacker@example.com", "fig lantern copper meadow")
SPELLED, TAGGED = "Owner@example.com", "owner+tag@example.com"  # the owner's, too


def whose(address: str) -> Person | None:
    return next((person for person in (OWNER, ATTACKER) if person.reads(address)), None)


def links_known_to(person: Person, stored: World) -> Iterator[str]:
    """Those in mails to the person. The attacker also gets hold of everybody's, once they were used or have ended."""
    for mail in stored.mails:
        if mail.link and (person.reads(mail.to) or (person is ATTACKER and _is_spent(mail, stored))):
            yield mail.link


def ends_at(mail: Mail) -> datetime:
    """When its link does."""
    return (mail.occurred_at + LIFETIME).replace(microsecond=0)


def _is_spent(mail: Mail, stored: World) -> bool:
    is_used = any(user["email"] == mail.to for _, user in stored.all_in(USERS))
    return is_used or stored.now >= ends_at(mail)
