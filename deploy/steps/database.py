"""Firestore: the database and its protection, fields that end a document's life, fields without an index."""

from collections.abc import Iterator
from dataclasses import replace

from deploy.deployment import Deployment
from deploy.step import CONFLICT, NEW_API, Step

_DATABASE = "--database='(default)'"
_PROTECTED = "deleteProtectionState=DELETE_PROTECTION_ENABLED"
_PITR = " AND pointInTimeRecoveryEnablement=POINT_IN_TIME_RECOVERY_ENABLED"


def database_steps(deployment: Deployment) -> Iterator[Step]:
    gcloud, firestore = deployment.gcloud, deployment.topology.firestore
    protection = "--delete-protection --enable-pitr" if firestore.point_in_time_recovery else "--delete-protection"
    listed = "firestore databases list --format='value(name.basename())'"
    yield Step(
        "Create the Firestore database",
        gcloud(f"firestore databases create --location={deployment.region} --type=firestore-native {protection}"),
        check=gcloud(listed),
        there="(default)",
        undo=gcloud(f"firestore databases delete {_DATABASE}"),
        holds_data=True,
    )
    # Also one that was there before: from now on it holds users. Only --drop-data takes the protection off again.
    yield Step(
        "Protect the Firestore database from deletion" + " and keep its past" * firestore.point_in_time_recovery,
        gcloud(f"firestore databases update {_DATABASE} {protection}"),
        check=gcloud(f"{listed} --filter='{_PROTECTED + _PITR * firestore.point_in_time_recovery}'"),
        there="(default)",
        retried=f"{NEW_API}|{CONFLICT}|operation in progress",
        undo=gcloud(f"firestore databases update {_DATABASE} --no-delete-protection"),
        holds_data=True,
    )
    if firestore.backup_days:
        yield _backup_step(deployment, firestore.backup_days)
    for name in firestore.indexed:
        yield _index_step(deployment, name)
    for name in firestore.not_indexed:
        yield _field_step(
            deployment, name, f"Keep {name} out of every index", group="indexes fields", wanted="--disable-indexes"
        )
    for name in firestore.expiring:
        # not waited for: it takes Firestore many minutes, and nothing else depends on it
        yield _field_step(
            deployment, name, f"Let documents expire by {name}", group="fields ttls", wanted="--enable-ttl --async"
        )


def _backup_step(deployment: Deployment, days: int) -> Step:
    """A database has one daily schedule at most: one that is there keeps its retention, which may be longer."""
    schedules = f"firestore backups schedules {{}} {_DATABASE} {{}}".format
    return Step(
        f"Back the Firestore database up every day, for {days} days",
        deployment.gcloud(schedules("create", f"--recurrence=daily --retention={days}d")),
        check=deployment.gcloud(
            schedules("list", "--filter='NOT weeklyRecurrence:*' --format='value(name.basename())'")
        ),
        undo=deployment.gcloud(schedules("delete", "--backup-schedule ${FOUND}")),
        holds_data=True,
    )


def _index_step(deployment: Deployment, name: str) -> Step:
    """Firestore indexes every field by itself. Earlier versions of Usher have exempted some."""
    collection, _, field = name.partition(".")
    exempted = _field_step(deployment, name, f"Keep {name} in its index", group="indexes fields", wanted="")
    clear = f"firestore indexes fields update {field} --collection-group={collection} --clear-exemption --async"
    return replace(exempted, command=(), update=deployment.gcloud(clear))


def _field_step(deployment: Deployment, name: str, sentence: str, *, group: str, wanted: str) -> Step:
    """`group` is gcloud's for such settings; it lists the fields that have one."""
    collection, _, field = name.partition(".")
    return Step(
        sentence,
        deployment.gcloud(f"firestore {group} update {field} --collection-group={collection} {wanted}"),
        check=deployment.gcloud(f"firestore {group} list --format='value(name)'"),
        there=f"projects/{deployment.project}/databases/(default)/collectionGroups/{collection}/fields/{field}",
        retried=f"{NEW_API}|{CONFLICT}|operation in progress",
    )
