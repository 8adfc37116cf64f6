"""create_user behind its addresses, and Firestore's REST API with what is stored: what a canary meets."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.contract.delivery_state import DeliveryState
from shared.links.sign_up_link import LinkError, SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from shared.users.address_key import reservation_id, untagged
from tests.unit.deploy.plans import PROJECT

_FOLDER = f"projects/{PROJECT}/databases/(default)/documents/"
SENT = {"state": DeliveryState.SENT.value}
Answer = Callable[[httpx.Request], httpx.Response | None]


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, headers={"content-type": "application/problem+json"}, json={"code": code})


@dataclass
class FakeUsher:
    """
    `documents` are fields by path. `deliveries` are the records that a sign-up's event gets, by subscriber, and
    `of_request` those of a request's.

    `page` is what a GET gets, and `sign_up`, if it returns something, what a POST gets in place of a stored user.
    With `link_keys` the mailbox comes first, and what signs up is a token.
    """

    documents: dict[str, dict[str, str]] = field(default_factory=dict)
    deliveries: dict[str, dict[str, str]] = field(default_factory=lambda: {"send_email": SENT})
    of_request: dict[str, dict[str, str]] = field(default_factory=lambda: {"send_email": SENT})
    page: Answer = lambda _request: problem(405, "method-not-allowed")
    sign_up: Answer = lambda _request: None
    stored: tuple[str, ...] = ("users", "email_reservations", "sign_up_requests", "tagged_sign_up_requests")
    in_outbox: bool = False
    deletes: list[dict[str, Any]] = field(default_factory=list)
    refuses_deletes: bool = False
    link_keys: VersionedSecrets | None = None
    requests: list[httpx.Request] = field(default_factory=list)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host != "firestore.googleapis.com":
            if request.method == "GET":
                return self.page(request) or httpx.Response(404, text="<html>Google's</html>")
            return self.sign_up(request) or self._posted(request.url.path, json.loads(request.content))
        verb, asked = request.url.path.rpartition(":")[2], json.loads(request.content)
        if verb == "runQuery":
            return httpx.Response(200, json=self._query(asked["structuredQuery"]))
        if verb == "batchGet":
            return httpx.Response(200, json=[self._read(name) for name in asked["documents"]])
        return self._commit(asked["writes"])

    def _posted(self, path: str, body: dict[str, str]) -> httpx.Response:
        if not self.link_keys:
            return self._sign_up(body["email"]) if path == "/" else problem(404, "not-found")
        if path == "/sign-ups":
            self._request(body["email"])
            return httpx.Response(202, json={"status": "accepted"})
        if "token" not in body:
            return problem(422, "invalid-sign-up")
        try:
            link = SignUpLink.read(body["token"], self.link_keys)
            link.check(datetime.now(UTC) - timedelta(minutes=30))  # the store's clock need not be the caller's
        except LinkError:
            return problem(400, "link-invalid")
        return self._sign_up(link.address)

    def _request(self, address: str) -> None:
        written = {
            f"sign_up_requests/{reservation_id(address)}": {"event_id": "a-request"},
            f"tagged_sign_up_requests/{reservation_id(untagged(address))}": {},
        }
        self.documents |= {path: one for path, one in written.items() if path.startswith(self.stored)}
        self.documents |= {f"deliveries/{name}.a-request": one for name, one in self.of_request.items()}

    def _sign_up(self, address: str) -> httpx.Response:
        written = {
            "users/new": {"email": address, "event_id": "an-event"},
            "email_reservations/new": {"user_id": "new"},
        }
        self.documents |= {path: one for path, one in written.items() if path.startswith(self.stored)}
        self.documents |= {f"deliveries/{name}.an-event": one for name, one in self.deliveries.items()}
        if self.in_outbox:
            self.documents["outbox/an-event"] = {}
        return httpx.Response(201, json={"id": "new"})

    def _query(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        [source], condition = query["from"], query["where"]["fieldFilter"]
        name, text = condition["field"]["fieldPath"], condition["value"]["stringValue"]
        found = [
            self._read(_FOLDER + path)["found"]
            for path, fields in self.documents.items()
            if path.startswith(source["collectionId"] + "/") and fields.get(name) == text
        ]
        return [{"document": one} for one in found] or [{"readTime": "2026-11-24T10:00:00Z"}]

    def _read(self, name: str) -> dict[str, Any]:
        fields = self.documents.get(name.removeprefix(_FOLDER))
        if fields is None:
            return {"missing": name}
        values = {key: {"stringValue": text} for key, text in fields.items()}
        return {"found": {"name": name, "fields": values, "updateTime": f"version of {name.rpartition('/')[2]}"}}

    def _commit(self, writes: list[dict[str, Any]]) -> httpx.Response:
        if self.refuses_deletes:
            return httpx.Response(400, json={"error": {"status": "FAILED_PRECONDITION"}})
        self.deletes += writes
        for write in writes:
            del self.documents[write["delete"].removeprefix(_FOLDER)]
        return httpx.Response(200, json={})
