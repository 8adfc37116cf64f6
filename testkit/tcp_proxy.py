"""Stands between a client and a server and does to their connection what networks do."""

import socket
import time
from contextlib import suppress
from enum import Enum, auto
from queue import SimpleQueue
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Condition, Thread
from types import TracebackType
from typing import Self


class _Behaviour(Enum):
    FORWARDING = auto()
    HOLDING = auto()
    SWALLOWING_REPLIES = auto()
    TEARING_REPLIES = auto()
    REFUSING = auto()


class TcpProxy:
    """
    Forwards connections to `target` until it is told otherwise. What it is told holds for open connections too.

    Every chunk is held back for `delay_seconds` since it came, also while others wait: a long way, not a narrow one.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self._behaviour = _Behaviour.FORWARDING
        self._changed = Condition()
        self._connections: set[socket.socket] = set()
        self._forgotten: set[socket.socket] = set()
        self._server: _Server | None = None
        self.port = 0
        self.delay_seconds = 0.0
        self._listen()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections) // 2

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()

    def forward(self) -> None:
        """Let everything through again. Connections that have missed a reply are cut, what was held goes on."""
        missed_replies = self._behaviour is _Behaviour.SWALLOWING_REPLIES
        self._behave(_Behaviour.FORWARDING)
        if missed_replies:
            self._cut()
        self._listen()

    def blackhole(self) -> None:
        """Take connections and bytes, and answer nothing."""
        self._behave(_Behaviour.HOLDING)

    def forget_connections(self) -> None:
        """Let nothing through any more on those that are open now, as a network may after a pause."""
        self._forgotten = set(self._connections)

    def swallow_replies(self) -> None:
        """Let requests through and lose the replies."""
        self._behave(_Behaviour.SWALLOWING_REPLIES)

    def tear_replies(self) -> None:
        """Let requests through, and cut the connection in the middle of their replies."""
        self._behave(_Behaviour.TEARING_REPLIES)

    def refuse(self) -> None:
        """Be down: cut open connections and refuse new ones."""
        self._forgotten = set()
        self._behave(_Behaviour.REFUSING)
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self._cut()

    def serve(self, client: socket.socket) -> None:
        """Serve one client until it or the server hangs up."""
        host, port = self._target.split(":")
        with suppress(OSError), client, socket.create_connection((host, int(port))) as server:
            for end in (client, server):  # else a small chunk waits for the other side to acknowledge the one before
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections |= {client, server}
            replies = Thread(target=self._pump, args=(server, client), kwargs={"are_replies": True})
            replies.start()
            self._pump(client, server, are_replies=False)
            replies.join()
            self._connections -= {client, server}

    def _pump(self, source: socket.socket, sink: socket.socket, *, are_replies: bool) -> None:
        received: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        Thread(target=_receive, args=(source, received), daemon=True).start()
        with suppress(OSError):
            while True:
                arrived, chunk = received.get()
                if not chunk:
                    break
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._behaviour is not _Behaviour.HOLDING and source not in self._forgotten
                    )
                time.sleep(max(arrived + self.delay_seconds - time.monotonic(), 0))
                if are_replies and self._behaviour is _Behaviour.TEARING_REPLIES:
                    sink.sendall(chunk[: len(chunk) // 2])
                    break
                if not (are_replies and self._behaviour is _Behaviour.SWALLOWING_REPLIES):
                    sink.sendall(chunk)
        for end in (source, sink):
            _hang_up(end)

    def _behave(self, behaviour: _Behaviour) -> None:
        with self._changed:
            self._behaviour = behaviour
            self._changed.notify_all()

    def _cut(self) -> None:
        for connection in list(self._connections):
            _hang_up(connection)

    def _listen(self) -> None:
        if not self._server:
            self._server = _Server(self, self.port)
            self.port = self._server.server_address[1]
            Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, proxy: TcpProxy, port: int) -> None:
        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                proxy.serve(self.request)

        super().__init__(("127.0.0.1", port), Handler)


def _receive(source: socket.socket, received: SimpleQueue[tuple[float, bytes]]) -> None:
    """Put each chunk and the time of its arrival into the queue, an empty one at the end."""
    chunk = b"first"
    while chunk:
        try:
            chunk = source.recv(65536)
        except OSError:
            chunk = b""
        received.put((time.monotonic(), chunk))


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
