import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[3]


class _CreateUser(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken = b"taken@example.com" in body
        assert b'"password":"plum tractor violet harbour"' in body
        self.send_response(409 if taken else 201)
        self.end_headers()
        self.wfile.write(b'{"title": "E-mail taken", "detail": "Use another."}' if taken else b'{"id": "u1"}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _CreateUser) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def create_user(url: str, email: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator", "create-user", "--name", "Ewan", "--email", email, "--url", url],
        cwd=ROOT,
        input="plum tractor violet harbour\n",
        capture_output=True,
        text=True,
        check=False,
    )


def test_new_user_exits_0(url: str) -> None:
    answer = create_user(url, "ewan@example.com")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("201 Created")
    assert '"id": "u1"' in answer.stdout


def test_refusal_exits_1(url: str) -> None:
    answer = create_user(url, "taken@example.com")

    assert (answer.returncode, answer.stderr) == (1, "")
    assert answer.stdout == "409 Conflict\nE-mail taken\nUse another.\n"


def test_nobody_there_is_one_sentence() -> None:
    answer = create_user("http://127.0.0.1:9/", "ewan@example.com")

    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "No create_user answers at http://127.0.0.1:9/" in answer.stderr
