"""What Cloud Monitoring and Firestore answer where `down` and `status` ask what waits."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

EARLIER, LATER = "2026-11-24T10:00:00.123456Z", "2026-11-24T10:00:01Z"


@dataclass
class FakeCounts:
    """Of each subscription and the outbox. `old` are counts of some minutes ago that Monitoring shows first."""

    undelivered: dict[str, int]
    outbox: list[str] = field(default_factory=list)
    old: list[dict[str, int]] = field(default_factory=list)
    relays_after_count: bool = False

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/timeSeries"):
            return httpx.Response(200, json={"timeSeries": self._series()})
        if request.url.path.endswith(":runAggregationQuery"):
            count = {"events": {"integerValue": str(len(self.outbox))}}
            return httpx.Response(200, json=[{"result": {"aggregateFields": count}}])
        found = [{"document": {"createTime": time}} for time in self.outbox]
        return httpx.Response(200, json=found or [{"readTime": EARLIER}])

    def _series(self) -> list[dict[str, object]]:
        minutes, counts = (5, self.old.pop(0)) if self.old else (0, dict(self.undelivered))
        interval = {"endTime": (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()}
        if self.relays_after_count:
            self.undelivered["send-email"] += len(self.outbox)
            self.outbox.clear()
        return [
            {
                "resource": {"labels": {"subscription_id": name}},
                "points": [{"interval": interval, "value": {"int64Value": str(count)}}],
            }
            for name, count in counts.items()
        ]
