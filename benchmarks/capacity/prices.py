"""What sign-ups cost: Google's list prices of November 2026 in europe-west1, in US$, without the free tier."""

from collections.abc import Collection
from dataclasses import dataclass

from blueprint.topology import Firestore

# cloud.google.com: /run/pricing (billed by request), /firestore/pricing, /pubsub/pricing, /stackdriver/pricing
VCPU_SECOND, GIB_SECOND, REQUEST = 24e-6, 2.5e-6, 0.4e-6
READ, WRITE, DELETE, STORED_GIB = 0.3e-6, 0.9e-6, 0.1e-6, 0.15
PITR_GIB = STORED_GIB  # "similar", says the page, of as many GiB as are stored
PUBSUB_BYTE, LOG_GIB = 40 / 2**40, 0.5
# from memory; all but the first are of a month
EGRESS_BYTE, SECRET, SCHEDULE, BACKUP_GIB = 0.12e-9, 0.06, 0.10, 0.03

WRITES, DELETES = 5, 2  # of a sign-up: user, reservation, outbox, claim, sent; outbox, expired delivery
AUDIT_READS = (
    2  # of a user: itself and its reservation, besides a record of each subscriber; of a reservation: the same
)
# where the mailbox comes first, of a request: its record, outbox, claim, sent; outbox, expired record and delivery
REQUEST_WRITES, REQUEST_DELETES = 4, 3
REQUEST_READS = 5  # reservation, record, holder; user and reservation again when the link is used
PAGE_REQUESTS = 3  # the page, its script, its style
EVENT_BYTES = 1000  # what Pub/Sub counts at least of a publish and of a push
MAIL_KB, LOG_GIB_A_MILLION, STORED_GIB_A_MILLION = 5, 4, 2  # estimated
REQUEST_LOG_GIB_A_MILLION = 2  # estimated
MAIL_SECONDS = 1.0  # a conversation with a mail provider: assumed
IDLE_SECONDS, IDLE_READS = 0.2, 2  # of a scheduled call; the reads are those of the relay: a query and a count
_MONTH_SECONDS = 2_628_000
_GIB = {"Mi": 1 / 1024, "Gi": 1.0}


@dataclass(frozen=True)
class Instance:
    """`memory` is written as Cloud Run's settings are: `512Mi`."""

    vcpus: int
    memory: str
    concurrency: int

    def dollars(self, seconds: float) -> float:
        """While it works on one request at least."""
        gib = float(self.memory[:-2]) * _GIB[self.memory[-2:]]
        return seconds * (self.vcpus * VCPU_SECOND + gib * GIB_SECOND)


def bill(
    create_user: Instance, send_email: Instance, database: Firestore, *, busy_seconds: float, alone_seconds: float
) -> dict[str, tuple[float, float]]:
    """
    The lines of a million sign-ups: on busy instances, and where each is alone on its instance.

    A sign-up takes so many seconds of an instance of create_user.
    """
    mails = send_email.dollars(1e6 * MAIL_SECONDS)
    recovery = PITR_GIB * database.point_in_time_recovery + BACKUP_GIB * database.backup_days
    same = {
        "requests: two": 2e6 * REQUEST,
        f"Firestore: {WRITES} writes": 1e6 * WRITES * WRITE,
        f"Firestore: {DELETES} deletes": 1e6 * DELETES * DELETE,
        f"Firestore: {STORED_GIB_A_MILLION} GiB, each month that the users stay": STORED_GIB_A_MILLION * STORED_GIB,
        "Firestore: point-in-time recovery and backups of these, each month": STORED_GIB_A_MILLION * recovery,
        f"Pub/Sub: a publish and a push of {EVENT_BYTES} bytes": 2e6 * EVENT_BYTES * PUBSUB_BYTE,
        f"logs: {LOG_GIB_A_MILLION} GiB": LOG_GIB_A_MILLION * LOG_GIB,
        f"mail that leaves Google: {MAIL_KB} kB each": 1e9 * MAIL_KB * EGRESS_BYTE,
    }
    return {
        "create_user": (create_user.dollars(1e6 * busy_seconds), create_user.dollars(1e6 * alone_seconds)),
        "send_email": (mails / send_email.concurrency, mails),
        **{what: (dollars, dollars) for what, dollars in same.items()},
    }


def bill_of_requests(
    create_user: Instance, send_email: Instance, *, busy_seconds: float, alone_seconds: float
) -> tuple[float, float]:
    """
    What a million sign-ups cost besides where the mailbox comes first: requests, their events and mails, the page.

    A request takes so many seconds of an instance of create_user.
    """
    mails = send_email.dollars(1e6 * MAIL_SECONDS)
    same = (
        1e6 * (REQUEST_WRITES * WRITE + REQUEST_DELETES * DELETE + REQUEST_READS * READ)
        + 1e6 * (2 + PAGE_REQUESTS) * REQUEST
        + 2e6 * EVENT_BYTES * PUBSUB_BYTE
        + REQUEST_LOG_GIB_A_MILLION * LOG_GIB
        + 1e9 * MAIL_KB * EGRESS_BYTE
    )
    return (
        same + mails / send_email.concurrency + create_user.dollars(1e6 * busy_seconds),
        same + mails + create_user.dollars(1e6 * alone_seconds),
    )


def dollars_a_month(scheduled: Collection[tuple[Instance, int]]) -> float:
    """Whatever the traffic: functions that are called every so many seconds and find nothing, and two secrets."""
    calls = [(instance, _MONTH_SECONDS / every_seconds) for instance, every_seconds in scheduled]
    work = sum(instance.dollars(each * IDLE_SECONDS) + each * IDLE_READS * READ for instance, each in calls)
    return work + len(calls) * SCHEDULE + 2 * SECRET
