"""A page of another site in the browser of someone who runs the stack: it learns nothing and changes nothing."""

import json
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from google.cloud.firestore import Client
from playwright.sync_api import Browser, Page

from shared.events.codec import Encoding, encode
from testkit.inbox import Inbox
from testkit.plain_http import http
from testkit.pushing import TOPIC, an_event, body_of
from testkit.smtp_server import running
from testkit.stack import LocalStack

FETCH = "([url, how]) => fetch(url, how).then(answer => answer.text()).catch(() => '')"
SIMPLE = {"method": "POST", "mode": "no-cors", "credentials": "include", "headers": {"Content-Type": "text/plain"}}
ASKING = {"method": "POST", "credentials": "include", "headers": {"Content-Type": "application/json"}}


class EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def stack(whole_stack: LocalStack) -> LocalStack:
    """The one that stands in front of its emulators."""
    return whole_stack


@pytest.fixture
def other_site(browser: Browser) -> Iterator[Page]:
    with running(ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)) as port, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"http://evil.localhost:{port}/")
        yield page


def test_it_reads_nothing_also_by_a_name_of_its_own(
    other_site: Page, stack: LocalStack, firestore_client: Client
) -> None:
    firestore_client.document("users/ewan").create({"name": "Ewan Canary"})
    users = f"/v1/projects/{firestore_client.project}/databases/(default)/documents/users"
    urls = [
        f"http://{stack.firestore_host}{users}",
        f"http://{stack.pubsub_host}/v1/projects/{stack.project}/topics",
        f"{stack.ui_url}api/v1/messages",
        f"{stack.create_user_url}",
    ]

    read = [other_site.evaluate(FETCH, [url, {"credentials": "include"}]) for url in urls]
    other_site.goto(f"http://evil.localhost:{stack.ports.firestore}{users}")

    assert read == [""] * len(urls)
    assert "Ewan" not in other_site.content()
    assert "127.0.0.1 or localhost" in other_site.content()


@pytest.mark.parametrize("how", [SIMPLE, ASKING])
def test_it_publishes_stores_and_sends_nothing(
    other_site: Page, stack: LocalStack, firestore_client: Client, inbox: Inbox, how: dict[str, Any]
) -> None:
    project = f"v1/projects/{firestore_client.project}"
    pubsub = f"http://{stack.pubsub_host}/{project}"
    topic = {"topic": f"projects/{firestore_client.project}/topics/user.created"}
    http.put(f"{pubsub}/topics/user.created", json={}).raise_for_status()
    http.put(f"{pubsub}/subscriptions/kept", json=topic).raise_for_status()
    event = an_event()
    mail = f"EHLO page\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<{event.email}>\r\nDATA\r\n\r\n.\r\n"
    bodies = {
        f"{pubsub}/topics/user.created:publish": json.dumps({"messages": [{"data": b64encode(b"x").decode()}]}),
        f"http://{stack.firestore_host}/{project}/databases/(default)/documents/users": "{}",
        f"{stack.send_email_url}{TOPIC}": json.dumps(body_of(encode(event, Encoding.JSON))),
        f"http://{stack.smtp_host}/": mail,
    }

    answers = [other_site.evaluate(FETCH, [url, {**how, "body": body}]) for url, body in bodies.items()]

    pulled = http.post(f"{pubsub}/subscriptions/kept:pull", json={"maxMessages": 1, "returnImmediately": True})
    assert answers == [""] * len(bodies)
    assert pulled.raise_for_status().json() == {}
    assert list(firestore_client.collection("users").stream()) == []
    assert inbox.mails_to(event.email) == []
