"""The functions' own way to Firestore, beside a client of the library."""

from google.cloud.firestore import Client

from shared.firestore.database import Connect
from shared.firestore.grpc_database import GrpcDatabase


def database_of(client: Client) -> Connect:
    """The database of a client's project, in the emulator that the client calls."""
    database = GrpcDatabase(client.project, client._emulator_host)  # noqa: SLF001  the library does not tell
    return lambda: database
