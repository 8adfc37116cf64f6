from collections.abc import Mapping

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from emulator.functions.function_server import for_this_machine


def test_refusal_of_a_head_request_has_no_body() -> None:
    client = Client(for_this_machine(lambda _environ, _start_response: [], pages=()))

    answer = client.head("/", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.data) == (403, b"")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 404),  # from the inbox
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Host": "evil.example"}, 403),
        ("GET", {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 403),
        ("POST", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 403),  # a form
    ],
)
def test_link_of_another_site_may_lead_to_a_page_and_to_nothing_else(
    method: str, headers: Mapping[str, str], status: int
) -> None:
    client = Client(for_this_machine(NotFound(), pages=()))

    assert client.open("/sign-up", method=method, headers=headers).status_code == status
