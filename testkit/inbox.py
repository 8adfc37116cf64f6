"""Reads the stack's inbox through its API."""

from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from testkit.links import link_in
from testkit.plain_http import http
from testkit.polling import PATIENCE_SECONDS, eventually


class Inbox:
    """The mails that the stack's SMTP server has accepted."""

    def __init__(self, ui_url: str) -> None:
        self._api = f"{ui_url}api/v1"

    def mails_to(self, address: str) -> list[EmailMessage]:
        query = {"query": f"to:{address}", "limit": "100"}
        found = http.get(f"{self._api}/search", params=query).raise_for_status().json()
        return [self._mail(message["ID"]) for message in found["messages"]]

    def wait_for_mail_to(self, address: str, *, seconds: float = PATIENCE_SECONDS) -> EmailMessage:
        """The first mail to the address; the test fails if there is none in time, or more than one."""
        mails = eventually(lambda: self.mails_to(address), seconds=seconds)
        [mail] = mails
        return mail

    def wait_for_link_to(self, address: str) -> str:
        """The link in the one mail to the address."""
        return link_in(self.wait_for_mail_to(address))

    def duplicates(self) -> list[str]:
        """The Message-IDs of mails that came more than once."""
        found = http.get(f"{self._api}/messages", params={"limit": "99999"}).raise_for_status().json()
        counts = Counter(message["MessageID"] for message in found["messages"])
        return [message_id for message_id, count in counts.items() if count > 1]

    def _mail(self, message_id: str) -> EmailMessage:
        raw = http.get(f"{self._api}/message/{message_id}/raw").raise_for_status().content
        return message_from_bytes(raw, policy=default)
