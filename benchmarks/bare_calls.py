"""The calls that a sign-up's promise is made of, without a server, a library or anything to pack."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import grpc  # type: ignore[import-untyped]  # brings no types
from google.cloud.firestore_v1.types import CommitResponse, WriteResult
from google.pubsub_v1.types import PublishResponse

from create_user.firestore_users import FirestoreUsers
from create_user.registration import user_created
from shared.broker.pubsub_publisher import PubsubPublisher
from shared.broker.pubsub_topic import PubsubTopic
from shared.events.codec import Encoding
from shared.firestore.grpc_database import GrpcDatabase
from testkit.builders import a_stored_user
from testkit.pushing import an_event
from testkit.signing_up import an_address

_COMMIT, _PUBLISH = "/google.firestore.v1.Firestore/Commit", "/google.pubsub.v1.Publisher/Publish"
_COMMITTED = CommitResponse(write_results=[WriteResult(update_time="2026-11-01T12:00:00Z")] * 3)
_ANSWERS = {
    _COMMIT: CommitResponse.serialize(_COMMITTED),
    _PUBLISH: PublishResponse.serialize(PublishResponse(message_ids=["1"])),
}


_AS_OWNER = [("authorization", "Bearer owner")]  # anybody else's commit the emulator checks against rules, for 3 ms


def bare_calls(project: str, hosts: Mapping[str, str], *, times: int) -> dict[str, Callable[[], object]]:
    """A commit of the three documents and a publish, so often: other ones each time, packed now."""
    requests = packed_requests(project, times)
    calls: dict[str, Callable[[], object]] = {}
    for name, host, method in (
        ("commit", hosts["FIRESTORE_EMULATOR_HOST"], _COMMIT),
        ("publish", hosts["PUBSUB_EMULATOR_HOST"], _PUBLISH),
    ):
        calls[name] = partial(_send, grpc.insecure_channel(host).unary_unary(method), requests[method])
    return calls


def _send(call: grpc.UnaryUnaryMultiCallable, requests: list[bytes]) -> object:
    return call(requests.pop(), metadata=_AS_OWNER)


def packed_requests(project: str, times: int) -> Mapping[str, list[bytes]]:
    """What Usher's own adapters send, by method."""
    with _recording() as (host, requests):
        database, topic = GrpcDatabase(project, host), PubsubTopic(f"projects/{project}/topics/user.created", host)
        users, publisher = FirestoreUsers(lambda: database), PubsubPublisher(topic, Encoding.JSON)
        for _ in range(times):
            stored = a_stored_user(email=an_address())
            users.add(stored, user_created(stored.user, ""))
            publisher.publish(an_event())
        return requests


@contextmanager
def _recording() -> Iterator[tuple[str, Mapping[str, list[bytes]]]]:
    """A server that does nothing: where it is, and what it has been sent."""
    recorder = _Recorder()
    server = grpc.server(ThreadPoolExecutor(1), handlers=[recorder])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", recorder.requests
    finally:
        server.stop(grace=1)  # at once, its clients would complain


class _Recorder(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc brings no types
    def __init__(self) -> None:
        self.requests: dict[str, list[bytes]] = defaultdict(list)

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        def keep(request: bytes, _: grpc.ServicerContext) -> bytes:
            self.requests[call.method].append(request)
            answer: bytes = _ANSWERS[call.method]
            return answer

        return grpc.unary_unary_rpc_method_handler(keep)
