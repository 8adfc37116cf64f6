"""The browser port and the mail server of the stack: what they show, and what they may do to its parts."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import httpx

from blueprint.topology import Topology
from create_user.settings import Settings
from emulator.broker import LocalBroker
from emulator.google.documents import Documents
from emulator.inbox.mailbox import Mailbox
from emulator.inbox.rest import inbox_routes
from emulator.inbox.smtp import SmtpServer
from emulator.journeys.journeys import Journeys
from emulator.processes.ports import HOST, Ports
from emulator.processes.status import StackStatus, State
from emulator.processes.supervisor import Supervisor
from emulator.sms.messages_api import messages_api_routes
from emulator.sms.rest import sms_routes
from emulator.sms.sms_inbox import SmsInbox
from emulator.trouble.overview import overview
from emulator.trouble.redrive_command import Redriven, run_redrive
from emulator.trouble.switches import UP, Switch, function_switch, mail_server_switch, process_switch, sms_switch
from emulator.ui.app import create_app
from emulator.ui.journey_routes import journey_routes
from emulator.ui.mail_html import mail_html_routes
from emulator.ui.people import People
from emulator.ui.server import serve
from emulator.ui.trouble_routes import trouble_routes

_RELAY_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class LocalUi:
    """
    `supervisors` may still be empty: they are looked up when a switch is put. `sign_up` are create_user's settings. The
    relay publishes an event after `relay_seconds` at the latest.
    """

    topology: Topology
    ports: Ports
    project: str
    broker: LocalBroker
    firestore_host: str
    environ: Mapping[str, str]
    client: httpx.AsyncClient
    status: Callable[[], StackStatus]
    supervisors: Mapping[str, Supervisor]
    journeys: Journeys
    is_quiet: Callable[[str], bool]
    sign_up: Settings
    relay_seconds: float

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Serve for as long as the context is open."""
        mailbox = Mailbox()
        mail_server = SmtpServer(mailbox, host=HOST, port=self.ports.smtp)
        sms_inbox = SmsInbox()
        documents = Documents(self.client, host=self.firestore_host, project=self.project)
        switches = self._switches(mail_server, sms_inbox)
        routes = [
            *inbox_routes(mailbox),
            *mail_html_routes(mailbox, self.journeys.open_link),
            *messages_api_routes(sms_inbox),
            *sms_routes(sms_inbox),
            *journey_routes(self.journeys, documents, People(self.journeys, documents, mailbox)),
            *self.broker.routes(documents, self.is_quiet),
            *trouble_routes(
                switches,
                partial(overview, documents, self.broker.dead_letters, subscribers=self.topology.subscriptions()),
                self._run_redrive,
            ),
        ]
        parts = self.status().parts
        app = create_app(
            self.status, routes, create_user_url=parts["create_user"].address, told=partial(self._told, switches)
        )
        async with serve(app, host=HOST, port=self.ports.ui):
            await mail_server.open()
            parts["inbox"].enter(State.READY)
            try:
                yield
            finally:
                self.journeys.end()
                await mail_server.close()

    def _switches(self, mail_server: SmtpServer, sms_inbox: SmsInbox) -> dict[str, Switch]:
        parts = self.status().parts
        subscribers = self.topology.subscribers()
        server = next(iter(self.broker.parts))
        return {
            "mail_server": mail_server_switch(mail_server, parts["inbox"]),
            "sms": sms_switch(sms_inbox),
            **{name: function_switch(partial(self.supervisors.__getitem__, name)) for name in subscribers},
            server: process_switch(self.broker.parts[server]),
        }

    def _told(self, switches: Mapping[str, Switch]) -> dict[str, object]:
        return {
            "trouble": {name: switch.position for name, switch in switches.items() if switch.position != UP},
            "sign_up": {
                "password_min_length": self.sign_up.password_min_length,
                "verify_email": self.sign_up.verify_email,
            },
            "relay_seconds": self.relay_seconds,
            "redelivered": self.broker.redelivered,
        }

    async def _run_redrive(self, kind: str, ids: list[str]) -> Redriven:
        hosts = {**self.broker.host_settings, "FIRESTORE_EMULATOR_HOST": self.firestore_host}
        environ = {**self.environ, **hosts, "GOOGLE_CLOUD_PROJECT": self.project}
        redriven = await run_redrive(kind, ids, base_port=self.ports.base, environ=environ)
        reason = f"the relay publishes it within {self.relay_seconds:.0f} s"
        self.journeys.put_back(redriven.put_back, reason=reason)
        with suppress(httpx.HTTPError):  # then its schedule is waited for
            await self.client.post(self.status().parts["relay_outbox"].address, timeout=_RELAY_TIMEOUT_SECONDS)
        return redriven
