"""The local stack is its user's alone: no other machine reaches it, and no page of another site."""

import base64
import os
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import grpc  # type: ignore[import-untyped]  # grpcio brings no types
import httpx
import pytest
from google.cloud.firestore import Client
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from emulator.processes.ports import HOST
from testkit.plain_http import http
from testkit.stack import LocalStack
from tests.integration.emulator.processes import processes

_LISTENING = "0A"
# What the stack publishes, counted from its base port; 7 is SMTP's.
_FUNCTIONS = (0, 1, 2, 3)
_EMULATORS = (5, 6)
_UI = 8


@pytest.fixture
def stack(whole_stack: LocalStack) -> LocalStack:
    """The one that stands in front of its emulators."""
    return whole_stack


def test_everything_listens_on_this_machine_only(stack: LocalStack) -> None:
    listening = dict(listening_sockets(descendants(stack.process.pid)))

    expected = {stack.ports.base + offset for offset in (*_FUNCTIONS, *_EMULATORS, 7, _UI)}
    assert expected <= set(listening)
    assert {port: address for port, address in listening.items() if not address.is_loopback} == {}


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "evil.localhost", "Origin": "http://evil.localhost"},
    ],
)
def test_no_published_address_answers_another_site(stack: LocalStack, method: str, headers: dict[str, str]) -> None:
    answers = {
        offset: http.request(method, f"http://{HOST}:{stack.ports.base + offset}/", headers=headers)
        for offset in (*_FUNCTIONS, *_EMULATORS, _UI)
    }

    assert {offset: answer.status_code for offset, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert not [name for answer in answers.values() for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("offset", [*_FUNCTIONS, *_EMULATORS, _UI])
def test_page_that_hides_its_origin_changes_nothing(stack: LocalStack, offset: int) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}

    answer = http.post(f"http://{HOST}:{stack.ports.base + offset}/", headers=headers)

    assert answer.status_code == 403


def test_refused_requests_write_nothing_to_the_emulators(
    stack: LocalStack, firestore_client: Client, pubsub_host: str
) -> None:
    project = firestore_client.project
    documents = f"http://{stack.firestore_host}/v1/projects/{project}/databases/(default)/documents/users"
    topic = f"http://{pubsub_host}/v1/projects/{project}/topics/user.created"
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        with httpx.Client(trust_env=False) as client:  # on a connection whose first request was a good one
            assert client.get(f"http://{pubsub_host}/").text == "Ok\n"
            assert client.get(f"http://{stack.firestore_host}/").text == "Ok\n"
            client.put(topic, json={}, headers=headers)
            client.post(documents, json={"fields": {}}, headers=headers)

    assert http.get(topic).status_code == 404
    assert list(firestore_client.collection("users").stream()) == []


def test_programs_use_the_emulators_as_before(stack: LocalStack, firestore_client: Client, pubsub_host: str) -> None:
    """Over REST, also with large bodies and in chunks, and over gRPC."""
    project = f"http://{pubsub_host}/v1/projects/{firestore_client.project}"
    users = f"http://{stack.firestore_host}/v1/projects/{firestore_client.project}/databases/(default)/documents/users"
    message = base64.b64encode(os.urandom(2**20)).decode()
    topic = f"projects/{firestore_client.project}/topics/user.created"

    with httpx.Client(trust_env=False, timeout=20) as client:
        client.put(f"{project}/topics/user.created", json={}).raise_for_status()
        client.put(f"{project}/subscriptions/kept", json={"topic": topic}).raise_for_status()
        client.post(f"{project}/topics/user.created:publish", json={"messages": [{"data": message}]}).raise_for_status()
        pulled = client.post(f"{project}/subscriptions/kept:pull", json={"maxMessages": 1}).raise_for_status().json()
        in_chunks = iter([b'{"fields": {"name":', b' {"stringValue": "Ewan"}}}'])
        client.post(users, params={"documentId": "ewan"}, content=in_chunks).raise_for_status()

    assert pulled["receivedMessages"][0]["message"]["data"] == message
    assert firestore_client.document("users/ewan").get().to_dict() == {"name": "Ewan"}
    with grpc.insecure_channel(pubsub_host) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        assert publisher.get_topic(topic=topic).name == topic


def descendants(pid: int) -> Iterator[int]:
    """The process and all that it has started."""
    parents = {process.pid: process.parent for process in processes().values()}
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
        yield member


def listening_sockets(pids: Iterator[int]) -> Iterator[tuple[int, IPv4Address | IPv6Address]]:
    """The ports that the processes listen on, and at which address."""
    sockets = {link for pid in pids for link in links(Path(f"/proc/{pid}/fd"))}
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = row.split()[:10]
            if state == _LISTENING and f"socket:[{inode}]" in sockets:
                address, _, port = local.partition(":")
                yield int(port, 16), read_address(address)


def links(folder: Path) -> Iterator[str]:
    with suppress(OSError):  # the process has ended
        for file in folder.iterdir():
            with suppress(OSError):
                yield str(file.readlink())


def read_address(hexadecimal: str) -> IPv4Address | IPv6Address:
    """As the kernel writes it: words of four bytes, each in the machine's order."""
    code = bytes.fromhex(hexadecimal)
    address = ip_address(b"".join(code[start : start + 4][::-1] for start in range(0, len(code), 4)))
    return getattr(address, "ipv4_mapped", None) or address
