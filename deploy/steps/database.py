"""Firestore: the database, fields that end a document's life, fields without an index."""

from collections.abc import Iterator

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
    for name in deployment.topology.firestore.not_indexed:
        collection, _, field = name.partition(".")
        yield Step(
            f"Keep {name} out of every index",
            gcloud(f"firestore indexes fields update {field} --collection-group={collection} --disable-indexes"),
            check=gcloud("firestore indexes fields list --format='value(name)'"),
            there=_path(deployment, name),
            retried=f"{NEW_API}|{CONFLICT}|operation in progress",
        )
    for name in deployment.topology.firestore.expiring:
        collection, _, field = name.partition(".")
        yield Step(
            f"Let documents expire by {name}",
            # not waited for: it takes Firestore many minutes, and nothing else depends on it
            gcloud(f"firestore fields ttls update {field} --collection-group={collection} --enable-ttl --async"),
            check=gcloud("firestore fields ttls list --format='value(name)'"),
            there=_path(deployment, name),
            retried=f"{NEW_API}|{CONFLICT}|operation in progress",
        )


def _path(deployment: Deployment, name: str) -> str:
    collection, _, field = name.partition(".")
    return f"projects/{deployment.project}/databases/(default)/collectionGroups/{collection}/fields/{field}"
