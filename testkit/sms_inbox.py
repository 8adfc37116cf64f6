"""Reads the stack's SMS inbox through its API."""

from collections import Counter
from typing import Any

from testkit.plain_http import http
from testkit.polling import eventually


class SmsInbox:
    """The SMS that the stack's SMS service has accepted."""

    def __init__(self, ui_url: str) -> None:
        self._url = f"{ui_url}api/v1/sms"

    def about(self, user_id: str) -> list[dict[str, Any]]:
        return [sms for sms in self._all() if user_id in sms["body"]]

    def wait_for_sms_about(self, user_id: str) -> dict[str, Any]:
        """The first SMS about the user; the test fails if there is none in time, or more than one."""
        [sms] = eventually(lambda: self.about(user_id))
        return sms

    def duplicates(self) -> list[str]:
        """The texts that came more than once."""
        counts = Counter(sms["body"] for sms in self._all())
        return [body for body, count in counts.items() if count > 1]

    def _all(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = http.get(self._url).raise_for_status().json()["messages"]
        return messages
