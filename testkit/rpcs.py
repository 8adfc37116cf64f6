"""RPCs of this process, on their way to an emulator."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import grpc  # type: ignore[import-untyped]  # grpcio brings no types

Around = Callable[[str, Any, Callable[[], Any]], Any]  # gets an RPC's name, its request and what makes it


@contextmanager
def rpcs_through(around: Around) -> Iterator[None]:
    """Have `around` make the RPCs of all channels that are opened meanwhile."""
    insecure_channel = grpc.insecure_channel

    def open_channel(*arguments: Any, **keywords: Any) -> grpc.Channel:
        return grpc.intercept_channel(insecure_channel(*arguments, **keywords), _Interceptor(around))

    with patch.object(grpc, "insecure_channel", open_channel):
        yield


class _Interceptor(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]  # no types
    def __init__(self, around: Around) -> None:
        self._around = around

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: object) -> Any:
        return self._around(_name(details), request, lambda: continuation(details, request))

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: object) -> Any:
        return iter(self._around(_name(details), request, lambda: list(continuation(details, request))))


def _name(details: Any) -> str:
    return str(details.method.rpartition("/")[2])
