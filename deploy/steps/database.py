"""Firestore: the database, fields that end a document's life, fields without an index."""

from collections.abc import Iterator
from dataclasses import replace

from deploy.deployment import Deployment
from deploy.step import CONFLICT, NEW_API, Step


def database_steps(deployment: Deployment) -> Iterator[Step]:
    gcloud = deployment.gcloud
    yield Step(
        "Create the Firestore database",
        gcloud(f"firestore databases create --location={deployment.region} --type=firestore-native"),
        check=gcloud("firestore databases list --format='value(name.basename())'"),
        there="(default)",
        undo=gcloud("firestore databases delete --database='(default)'"),
        holds_data=True,
    )
    for name in deployment.topology.firestore.indexed:
        yield _index_step(deployment, name)
    for name in deployment.topology.firestore.not_indexed:
        yield _field_step(
            deployment, name, f"Keep {name} out of every index", group="indexes fields", wanted="--disable-indexes"
        )
    for name in deployment.topology.firestore.expiring:
        # not waited for: it takes Firestore many minutes, and nothing else depends on it
        yield _field_step(
            deployment, name, f"Let documents expire by {name}", group="fields ttls", wanted="--enable-ttl --async"
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
