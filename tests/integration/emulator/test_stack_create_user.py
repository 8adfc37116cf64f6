import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parents[3]
# A shell without job control lets what it starts in the background ignore Ctrl-C, and children inherit that.
ON_A_TERMINAL = """
import os, pty, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
"""


class _CreateUser(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken = b"taken@example.com" in body
        assert b'"password":"plum tractor violet harbour"' in body
        self.send_response(409 if taken else 201)
        self.end_headers()
        self.wfile.write(b'{"title": "Conflict", "detail": "Use another."}' if taken else b'{"id": "u1"}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _CreateUser) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def command(url: str, email: str) -> list[str]:
    return [sys.executable, "-m", "emulator", "create-user", "--name", "Ewan", "--email", email, "--url", url]


def create_user(
    url: str, email: str, *, given: bytes = b"plum tractor violet harbour\n"
) -> subprocess.CompletedProcess[str]:
    answer = subprocess.run(command(url, email), cwd=ROOT, input=given, capture_output=True, check=False)
    return subprocess.CompletedProcess(answer.args, answer.returncode, answer.stdout.decode(), answer.stderr.decode())


def test_new_user_exits_0(url: str) -> None:
    answer = create_user(url, "ewan@example.com")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("201 Created")
    assert '"id": "u1"' in answer.stdout


def test_refusal_exits_1(url: str) -> None:
    answer = create_user(url, "taken@example.com")

    assert (answer.returncode, answer.stderr) == (1, "")
    assert answer.stdout == "409 Conflict\nUse another.\n"


@pytest.mark.parametrize(
    ("given", "said"), [(b"", "No password was given: "), (b"\xff\xfe\n", "The password is not valid UTF-8: ")]
)
def test_standard_input_without_a_password_is_one_sentence(given: bytes, said: str) -> None:
    answer = create_user("http://127.0.0.1:9/", "ewan@example.com", given=given)

    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert answer.stderr.startswith(said)


@pytest.mark.parametrize(
    ("key", "code", "said"), [(b"\x04", 1, "No password was given: type one when prompted"), (b"\x03", 130, "")]
)
def test_key_that_ends_the_prompt_ends_the_command(key: bytes, code: int, said: str) -> None:
    shown = ""
    on_a_terminal = [sys.executable, "-c", ON_A_TERMINAL, *command("http://127.0.0.1:9/", "ewan@example.com")]
    with subprocess.Popen(on_a_terminal, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        while not shown.endswith("Password: ") and (character := process.stdout.read(1)):
            shown += character.decode()

        process.stdin.write(key)
        process.stdin.flush()
        try:
            process.wait(30)
        finally:
            process.kill()

        shown += process.stdout.read().decode()
    assert process.returncode == code
    assert said in shown
    assert "Traceback" not in shown
