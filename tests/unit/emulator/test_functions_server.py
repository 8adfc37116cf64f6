from werkzeug.test import Client

from emulator.functions.function_server import for_this_machine


def test_refusal_of_a_head_request_has_no_body() -> None:
    client = Client(for_this_machine(lambda _environ, _start_response: [], pages=()))

    answer = client.head("/", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.data) == (403, b"")
