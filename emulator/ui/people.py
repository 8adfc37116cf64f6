"""Tells whose each journey is: no log line holds a name or an address."""

from collections.abc import Collection

from starlette.concurrency import run_in_threadpool

from emulator.google.documents import Documents
from emulator.inbox.addresses import comparable
from emulator.inbox.mailbox import Mailbox
from emulator.journeys.journey import Journey
from emulator.journeys.journeys import Journeys
from shared.contract.documents import USERS


class People:
    """Knows users by their documents, and who has only asked for a link by the mail that went there."""

    def __init__(self, journeys: Journeys, documents: Documents, mailbox: Mailbox) -> None:
        self._journeys = journeys
        self._documents = documents
        self._mailbox = mailbox

    async def recognize(self, some: Collection[Journey]) -> Collection[Journey]:
        """
        Add names and addresses; return the journeys as they are then: several may have turned out to be one person's.

        Raises:
            httpx.HTTPError: Firestore does not answer.
        """
        await self._read_mails([journey for journey in some if not journey.email and journey.is_of_requests_only])
        await self._read_users([journey for journey in some if not journey.name])
        self._journeys.join()
        known = (self._journeys.get(journey.user_id) for journey in some)
        return {journey.user_id: journey for journey in known if journey}.values()

    async def _read_users(self, journeys: Collection[Journey]) -> None:
        by_path = {f"{USERS}/{journey.user_id}": journey for journey in journeys}
        users = await self._documents.get(by_path, fields=("name", "email")) if by_path else {}
        for path, user in users.items():
            by_path[path].name, by_path[path].email = str(user.get("name", "")), str(user.get("email", ""))

    async def _read_mails(self, journeys: Collection[Journey]) -> None:
        by_event = {event_id: journey for journey in journeys for event_id in journey.events}
        recipients = await run_in_threadpool(_recipients, self._mailbox, by_event.keys()) if by_event else {}
        for event_id, address in recipients.items():
            by_event[event_id].email = comparable(address)  # as people type it: mail servers are given Punycode


def _recipients(mailbox: Mailbox, events: Collection[str]) -> dict[str, str]:
    """Where the mails of these events went. Reading mails may take long, so not on the stack's loop."""
    found: dict[str, str] = {}
    for mail in mailbox.newest_first():
        if mail.event_id in events and mail.recipients:
            found[mail.event_id] = mail.recipients[0]
        if len(found) == len(events):
            break
    return found
