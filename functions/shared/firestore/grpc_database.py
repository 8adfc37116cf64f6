"""The database of a project, over gRPC. Its requests are built as protobuf: half the CPU time of the library's own."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.api_core.exceptions import AlreadyExists, FailedPrecondition, GoogleAPIError, NotFound
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from shared.firestore.calls import call
from shared.firestore.database import Create, DatabaseError, Delete, Document, PreconditionError, Update, Write
from shared.firestore.values import read_fields, write_fields
from shared.runtime.google_api import GoogleApi, Method, open_channel

_Commit, _BatchGet = types.CommitRequest.pb(), types.BatchGetDocumentsRequest.pb()
_RunQuery, _RunAggregationQuery = types.RunQueryRequest.pb(), types.RunAggregationQueryRequest.pb()
_Query = types.StructuredQuery.pb()
_NAME = "__name__"


class GrpcDatabase:
    """In Firestore, or in its emulator at the host and port that are given."""

    def __init__(self, project: str, emulator: str | None = None) -> None:
        self._database = f"projects/{project}/databases/(default)"
        self._root = f"{self._database}/documents"
        owner = [("authorization", "Bearer owner")] if emulator else []
        api = GoogleApi(
            open_channel(FirestoreGrpcTransport, emulator),
            "google.firestore.v1.Firestore",
            types=types,
            metadata=[("google-cloud-resource-prefix", self._database), *owner],
        )
        self._commit = api.unary("Commit", database=self._database)
        self._get = api.stream("BatchGetDocuments", database=self._database)
        self._query = api.stream("RunQuery", parent=self._root)
        self._aggregate = api.stream("RunAggregationQuery", parent=self._root)

    def commit(self, *writes: Write) -> datetime:
        request = _Commit(database=self._database)
        for write in writes:
            self._add(write, request.writes.add())
        return _time(_ask(self._commit, request).write_results[-1].update_time)

    def get(self, *paths: str, only: Collection[str] = ()) -> tuple[list[Document | None], datetime]:
        request = _BatchGet(database=self._database, documents=map(self._name, paths))
        if only:
            request.mask.field_paths.extend(only)
        responses = _ask(self._get, request)
        found = [self._document(each.found) for each in responses if each.HasField("found")]
        by_path = {document.path: document for document in found}
        return [by_path.get(path) for path in paths], _read_time(responses)

    def page(self, collection: str, *, after: str = "", until: str = "", limit: int) -> tuple[list[Document], datetime]:
        request = _RunQuery(parent=self._root, structured_query=self._by_id(collection, after, until))
        request.structured_query.limit.value = limit
        responses = _ask(self._query, request)
        found = [self._document(each.document) for each in responses if each.HasField("document")]
        return found, _read_time(responses)

    def count(self, collection: str, *, after: str = "", until: str = "") -> int:
        request = _RunAggregationQuery(parent=self._root)
        query = request.structured_aggregation_query
        query.structured_query.CopyFrom(self._by_id(collection, after, until))
        query.aggregations.add(alias="all").count.SetInParent()
        (result,) = (each.result for each in _ask(self._aggregate, request) if each.HasField("result"))
        return int(result.aggregate_fields["all"].integer_value)

    def _by_id(self, collection: str, after: str, until: str) -> Any:  # noqa: ANN401  a message without types
        query = _Query()
        query.from_.add(collection_id=collection)
        query.order_by.add().field.field_path = _NAME
        if after:
            query.start_at.values.add(reference_value=self._name(f"{collection}/{after}"))
        if until:
            query.end_at.values.add(reference_value=self._name(f"{collection}/{until}"))
        return query

    def _add(self, write: Write, request: Any) -> None:  # noqa: ANN401  a message without types
        name = self._name(write.path)
        if isinstance(write, Delete):
            request.delete = name
        else:
            request.update.name = name
            write_fields(write.fields, request.update.fields)
        if isinstance(write, Create):
            request.current_document.exists = False
        if isinstance(write, Update):
            request.update_mask.field_paths.extend(write.fields)
        if isinstance(write, Update | Delete):
            request.current_document.update_time.CopyFrom(_timestamp(write.at))

    def _name(self, path: str) -> str:
        return f"{self._root}/{path}"

    def _document(self, found: Any) -> Document:  # noqa: ANN401  a message without types
        return Document(
            path=found.name.removeprefix(f"{self._root}/"),
            fields=read_fields(found.fields),
            create_time=_time(found.create_time),
            update_time=_time(found.update_time),
        )


def _ask(method: Method, request: object) -> Any:  # noqa: ANN401  a message without types
    """Call within the time that a call may take, and repeat it there while that can help."""
    bounds = call()
    with raising_database_errors():
        return bounds["retry"](bounds["timeout"](method))(request)


@contextmanager
def raising_database_errors() -> Iterator[None]:
    """In place of the library's."""
    try:
        yield
    except (AlreadyExists, FailedPrecondition, NotFound) as error:
        raise PreconditionError from error
    except GoogleAPIError as error:
        raise DatabaseError from error


def _read_time(responses: Any) -> datetime:  # noqa: ANN401  messages without types
    """The latest: of responses without a document, which may tell of progress only, not each has one."""
    return _time([each.read_time for each in responses if each.HasField("read_time")][-1])


def _time(stamp: Any) -> datetime:  # noqa: ANN401  a message without types
    """To the nanosecond, as the library's own: it is a version, too."""
    time: datetime = DatetimeWithNanoseconds.from_timestamp_pb(stamp)  # type: ignore[no-untyped-call]  # its gap
    return time


def _timestamp(version: object) -> Any:  # noqa: ANN401  a message without types
    if not isinstance(version, DatetimeWithNanoseconds):
        raise TypeError("a version is a time that Firestore has said")
    return version.timestamp_pb()  # type: ignore[no-untyped-call]  # the library's gap
