"""Events, records and messages move while an audit reads them; tests/integration/audit/ has what stands still."""

from datetime import timedelta
from random import Random

from audit.audit import Scope, audit
from audit.report import Fault, Finding, Report
from tests.unit.audit.moving_world import ATTEMPTS_SECONDS, MAIL, PUSHES, SMS, START, MovingWorld, Reading

SEEDS = 700


def a_world(seed: int) -> MovingWorld:
    return MovingWorld(Random(seed))  # noqa: S311  chance, no secret


def audited(world: MovingWorld, **other: int) -> Report:
    scope = Scope(
        created_from=START,
        created_to=START + timedelta(days=1),
        most_users=other.get("most_users", 100),
        most_reservations=100,
        pushes=PUSHES,
        settled_seconds=0,
        outbox_late_seconds=10**6,
    )
    return audit(scope, Reading(world), world, pause=lambda: world.go_on(world.chance.randrange(60)))


def test_audit_that_races_usher_never_cries_wolf() -> None:
    suspected = 0
    for seed in range(SEEDS):
        world = a_world(seed)
        world.go_on(world.chance.randrange(4 * ATTEMPTS_SECONDS))

        report = audited(world)

        assert report.broken == [], f"seed {seed}"
        suspected += report.waiting > 0
    assert suspected > SEEDS / 10


def test_event_that_is_nowhere_is_found_once_no_message_is_older() -> None:
    for seed in range(SEEDS // 10):
        world = a_world(seed)
        lost = world.sign_up()
        lost.is_in_outbox = False
        lost.records[SMS.name] = ("sent", 0)
        world.settle()

        report = audited(world)

        assert report.broken in ([Finding(Fault.EVENT_LOST, lost.name, f"event-of-{lost.name}", MAIL.name)], [])
        if not report.broken:  # something younger was on its way, and nobody can tell one message from another
            assert report.overdue, f"seed {seed}"
