"""An SMTP server that answers as it is told."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import cast


class Misbehaviour(Enum):
    """What a server may do in place of a reply."""

    DROP = "close the connection"
    HANG = "say nothing until the client goes away"
    DRIBBLE = "send a line that never ends, byte by byte"


# A line; bytes after which the connection is closed; or what is done in place of a reply.
Reply = str | bytes | Misbehaviour

_USUAL: Mapping[str, Reply] = {
    "greeting": "220 ready",
    "EHLO": "250 hello",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 welcome",
    "DATA": "354 go ahead",
    "end of data": "250 accepted",
    "QUIT": "221 bye",
}


@dataclass
class Script:
    """
    Replies by command, in a list one after the other; what is left out is answered as usual.

    `tls` serves STARTTLS, or with `implicit` every connection. Commands and mails are kept as they came.
    """

    replies: Mapping[str, Reply | list[Reply]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ()
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    port: int = 0
    hang_up: Callable[[], None] = lambda: None  # on every client


class _Server(socketserver.ThreadingTCPServer):
    request_queue_size = 100  # of five, the sixth who connects at once waits for a second

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.script = script
        self.conversations: list[_Conversation] = []

    def hang_up(self) -> None:
        """Clients keep connections."""
        for conversation in self.conversations:
            with suppress(OSError):  # it is over
                conversation.connection.shutdown(socket.SHUT_RDWR)

    def server_close(self) -> None:
        self.hang_up()
        super().server_close()


class _Conversation(socketserver.StreamRequestHandler):
    connection: socket.socket

    def setup(self) -> None:
        server = cast(_Server, self.server)
        server.conversations.append(self)
        self._script = server.script
        self.connection = self.request
        if self._script.implicit:
            self._wrap_in_tls()
        self.rfile = self.connection.makefile("rb")

    def handle(self) -> None:
        with suppress(OSError):
            if self._reply("greeting"):
                while (line := self.rfile.readline()) and self._answer(line.decode().strip()):
                    pass

    def finish(self) -> None:
        self.rfile.close()
        self.connection.close()

    def _answer(self, command: str) -> bool:
        """Whether the conversation goes on."""
        self._script.commands.append(command)
        verb = command.partition(" ")[0].upper()
        if verb == "EHLO" and not self._script.replies.get("EHLO"):
            lines = ["hello", *self._script.extensions]
            self._send("".join(f"250{' ' if line == lines[-1] else '-'}{line}\r\n" for line in lines))
            return True
        goes_on = self._reply(verb)
        if verb == "STARTTLS" and self._script.tls:
            self._wrap_in_tls()
            self.rfile = self.connection.makefile("rb")
        if verb == "DATA" and str(self._said).startswith("354"):
            goes_on = self._take_content() and self._reply("end of data")
        return goes_on and verb != "QUIT"

    def _take_content(self) -> bool:
        """Whether it came to its end."""
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                self._script.mails.append(b"".join(lines))
                return True
            lines.append(line)
        return False

    def _reply(self, moment: str) -> bool:
        reply = self._script.replies.get(moment, _USUAL.get(moment, "250 ok"))
        self._said = reply.pop(0) if isinstance(reply, list) else reply
        match self._said:
            case Misbehaviour.DROP:
                return False
            case Misbehaviour.HANG:
                return bool(self.rfile.read())
            case Misbehaviour.DRIBBLE:
                while True:
                    self._send("x")
                    time.sleep(0.02)
            case bytes(cut_off):
                self.connection.sendall(cut_off)
                return False
            case line:
                self._send(f"{line}\r\n")
                return True

    def _send(self, text: str) -> None:
        self.connection.sendall(text.encode())

    def _wrap_in_tls(self) -> None:
        assert self._script.tls
        self.connection = self._script.tls.wrap_socket(self.connection, server_side=True)


@contextmanager
def running(server: socketserver.TCPServer) -> Iterator[int]:
    """Serve on a thread of its own; yields the port."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serving(script: Script) -> Iterator[Script]:
    """Serve the script on `script.port`."""
    server = _Server(script)
    script.hang_up = server.hang_up
    with running(server) as script.port:
        yield script
