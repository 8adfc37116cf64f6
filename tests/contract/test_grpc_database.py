"""What is written, read and sent is what Google's library would write, read and send."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud.firestore import Client
from google.cloud.firestore_v1 import types
from google.pubsub_v1 import PublisherClient, PubsubMessage
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from shared.broker.pubsub_topic import PubsubTopic
from shared.events.message import Message
from shared.firestore.database import Create, DatabaseError, Delete
from shared.firestore.grpc_database import GrpcDatabase
from testkit.database import database_of


class State(StrEnum):
    NEW = "new"


EVERY_VALUE = {
    "text": "Jürgen \N{GRINNING FACE}",
    "empty": "",
    "yes": True,
    "no": False,
    "number": -(2**63),
    "ratio": 0.1,
    "bytes": b"\x00\xff",
    "time": datetime(2026, 11, 5, 12, 0, 0, 123456, tzinfo=UTC),
    "before_1970": datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    "elsewhere": datetime(2026, 11, 5, 12, tzinfo=timezone(timedelta(hours=-7))),
    "nothing": None,
    "state": State.NEW,
    "map": {"deep": {"er": {}}, "with.a dot`": 1},
}


def test_every_value_is_written_and_read_as_by_the_library(firestore_client: Client) -> None:
    database, theirs = database_of(firestore_client)(), firestore_client.document("values/theirs")

    database.commit(Create("values/ours", EVERY_VALUE))
    theirs.create(EVERY_VALUE)

    assert firestore_client.document("values/ours").get().to_dict() == theirs.get().to_dict()
    found, _ = database.get("values/ours", "values/theirs")
    assert [each and each.fields for each in found] == [EVERY_VALUE, EVERY_VALUE]


def test_list_that_somebody_else_wrote_can_be_read(firestore_client: Client) -> None:
    firestore_client.document("values/list").create({"all": [1, ["x"], {"a": None}]} | {"all": [1, {"a": [None]}]})

    [(found,), _] = database_of(firestore_client)().get("values/list")

    assert found
    assert found.fields == {"all": [1, {"a": [None]}]}


@pytest.mark.parametrize("value", [datetime(2026, 11, 5, 12), [1], {1}, object(), 2**63], ids=type)  # noqa: DTZ001  that is what is refused
def test_value_that_firestore_does_not_have_is_refused(firestore_client: Client, value: object) -> None:
    database = database_of(firestore_client)()

    with pytest.raises((TypeError, ValueError)):
        database.commit(Create("values/bad", {"value": value}))

    assert database.count("values") == 0


def test_version_that_is_not_the_stores_own_is_refused(firestore_client: Client) -> None:
    with pytest.raises(TypeError, match="version"):
        database_of(firestore_client)().commit(Delete("values/a", datetime.now(UTC)))


def test_database_connects_before_its_first_call() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        database = GrpcDatabase("p", f"127.0.0.1:{server.getsockname()[1]}")

        server.accept()[0].close()

    del database


@contextmanager
def recording() -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """A server that implements nothing: its address, and what came with the latest call of each method."""
    seen: dict[str, dict[str, str]] = {}

    class Recorder(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio brings no types
        def service(self, call: Any) -> None:
            seen[call.method] = {key: value for key, value in call.invocation_metadata if key in SENT}

    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool, [Recorder()])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}", seen
        server.stop(0)


SENT = ("x-goog-request-params", "google-cloud-resource-prefix", "authorization")


def test_calls_are_routed_as_those_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording() as (address, seen):
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", address)
        library = Client(project="a project")
        theirs: list[Callable[[], Any]] = [
            lambda: library.document("a/b").create({}, retry=None),
            lambda: library.document("a/b").get(retry=None),
            lambda: library.collection("a").get(retry=None),
            lambda: library.collection("a").count().get(retry=None),  # type: ignore[no-untyped-call]  # the library's gap
            lambda: PublisherClient(transport=PublisherGrpcTransport(channel=grpc.insecure_channel(address))).publish(
                topic="projects/a project/topics/b", messages=[PubsubMessage(data=b"x")], retry=None
            ),
        ]
        sent = []
        for calls in (theirs, _ours("a project", address)):
            seen.clear()
            for call in calls:
                with suppress(GoogleAPIError, DatabaseError):
                    call()
            sent.append(dict(seen))

    assert len(sent[0]) == 5
    assert sent[0] == sent[1]


def _ours(project: str, address: str) -> list[Callable[[], Any]]:
    database, topic = GrpcDatabase(project, address), PubsubTopic(f"projects/{project}/topics/b", address)
    return [
        lambda: database.commit(Create("a/b", {})),
        lambda: database.get("a/b"),
        lambda: database.page("a", limit=1),
        lambda: database.count("a"),
        lambda: topic.publish(Message(b"x", {}), timeout_seconds=5),
    ]


@contextmanager
def answering(*responses: Any) -> Iterator[GrpcDatabase]:
    """A database whose reads have these responses."""

    class Scripted(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio brings no types
        def service(self, _: Any) -> grpc.RpcMethodHandler:
            return grpc.unary_stream_rpc_method_handler(
                lambda *_: iter(responses), response_serializer=lambda each: type(each).serialize(each)
            )

    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool, [Scripted()])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield GrpcDatabase("p", f"127.0.0.1:{port}")
        server.stop(0)


def test_responses_that_only_tell_of_progress_are_passed_over() -> None:
    """As Firestore's definitions allow, and the emulator does not do."""
    at, name = datetime(2026, 11, 5, 12, tzinfo=UTC), "projects/p/databases/(default)/documents/a/b"
    result = types.AggregationResult(aggregate_fields={"all": types.Value(integer_value=7)})
    found = types.Document(name=name, create_time=at, update_time=at)

    with answering(
        types.RunAggregationQueryResponse(read_time=at), types.RunAggregationQueryResponse(result=result)
    ) as database:
        assert database.count("a") == 7
    with answering(types.RunQueryResponse(document=found, read_time=at), types.RunQueryResponse(done=True)) as database:
        page, read_at = database.page("a", limit=1)
        assert ([each.id for each in page], read_at) == (["b"], at)
