"""The way to Firestore, whose libraries take as long to load as a password to hash: they load when it is needed."""

import os

from shared.firestore.database import Database
from shared.runtime.uncollected import uncollected


def connect(project: str) -> Database:
    """
    Connect to a project's database, or to that in the emulator that FIRESTORE_EMULATOR_HOST names.

    Call it after the server's fork: gRPC does not survive it.
    """
    with uncollected():
        from shared.firestore.grpc_database import GrpcDatabase  # noqa: PLC0415  these are the libraries

    emulator = os.environ.get("FIRESTORE_EMULATOR_HOST")  # noqa: TID251  which Google's libraries read, not a setting
    return GrpcDatabase(project, emulator)
