"""One of Google's APIs over gRPC, without what its generated client does for each call."""

from collections.abc import Callable, Sequence
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
from google.api_core.gapic_v1.client_info import ClientInfo
from google.api_core.gapic_v1.routing_header import to_grpc_metadata
from google.api_core.grpc_helpers import wrap_errors

# As Firestore's own client has them: without the first, a dead connection is noticed by the call that needs it.
_OPTIONS = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
)

Generated = Any  # a class or module of a generated client, which has no types
Method = Callable[..., Any]  # takes a protobuf message and a `timeout` in seconds, and raises GoogleAPIError


def open_channel(transport: Generated, emulator: str | None) -> grpc.Channel:
    """
    A channel to the API of a generated transport, with the environment's default credentials. It connects meanwhile.

    Where there is an emulator, to that host and port, with none.
    """
    if emulator:
        channel = grpc.insecure_channel(emulator)
    else:
        channel = transport.create_channel(transport.DEFAULT_HOST, options=_OPTIONS)
    grpc.channel_ready_future(channel)  # who asks whether it is ready has it connect
    return channel


class GoogleApi:
    """The methods of `service`, whose messages are those of `types`; `metadata` goes with each call."""

    def __init__(
        self, channel: grpc.Channel, service: str, *, types: Generated, metadata: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._channel = channel
        self._service = service
        self._types = types
        who_calls = ClientInfo().to_grpc_metadata()  # type: ignore[no-untyped-call]  # the library's gap
        self._metadata = [who_calls, *metadata]

    def unary(self, name: str, **resource: str) -> Method:
        """A method with one response. Its calls are routed by `resource`, as the API defines."""
        call = self._bound(self._channel.unary_unary, name, resource)
        return wrap_errors(call)  # type: ignore[no-any-return, no-untyped-call]  # the library's gap

    def stream(self, name: str, **resource: str) -> Method:
        """A method with a list of responses, which are read to the end."""
        call = self._bound(self._channel.unary_stream, name, resource)
        return wrap_errors(lambda *sent, **options: list(call(*sent, **options)))  # type: ignore[no-any-return, no-untyped-call]  # the library's gap

    def _bound(self, kind: Callable[..., Method], name: str, resource: dict[str, str]) -> Method:
        request, response = (getattr(self._types, f"{name}{suffix}").pb() for suffix in ("Request", "Response"))
        call = kind(f"/{self._service}/{name}", request.SerializeToString, response.FromString)
        metadata = [*self._metadata, to_grpc_metadata(resource)]  # type: ignore[no-untyped-call]  # the library's gap
        return lambda sent, **options: call(sent, metadata=metadata, **options)
