"""Journeys of what functions print when a test says so."""

import json
from typing import Any

from emulator.journeys.journeys import Journeys

SUBSCRIBERS = ("notify_admin", "send_email")
REGISTERED = {
    "message": "user_registered", "user_id": "u1", "latency_ms": 260, "hash_ms": 200, "store_ms": 30, "publish_ms": 20,
    "logging.googleapis.com/trace": "projects/usher-local/traces/t1",
}  # fmt: skip


class World:
    """Journeys, and a clock that a test sets."""

    def __init__(self, *, capacity: int = 1000) -> None:
        self.now = 1000.0
        self.journeys = Journeys(
            SUBSCRIBERS, subscriptions={"send-email": "send_email"}, capacity=capacity, now=lambda: self.now
        )

    def prints(self, by: str, at: float, **line: Any) -> None:
        self.now = at
        self.journeys.read(by, json.dumps({"severity": "INFO", "event_id": "e1", "user_id": "u1", **line}))

    def registered(self, at: float = 1000, user_id: str = "u1") -> None:
        self.prints("create_user", at, **{**REGISTERED, "user_id": user_id})

    def requested(self, at: float, *, user_id: str, event_id: str, **times: float) -> None:
        self.prints("create_user", at, message="sign_up_requested", user_id=user_id, event_id=event_id, **times)

    def journey(self, user_id: str = "u1") -> dict[str, Any]:
        journey = self.journeys.get(user_id)
        assert journey
        return journey.as_json(SUBSCRIBERS)

    def steps(self) -> list[tuple[str, float, float]]:
        return [(step["name"], round(step["start"], 3), round(step["end"], 3)) for step in self.journey()["steps"]]

    def step(self, name: str) -> dict[str, Any]:
        steps: list[dict[str, Any]] = self.journey()["steps"]
        [step] = [step for step in steps if step["name"] == name]
        return step
