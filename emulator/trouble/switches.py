"""Switches that cause trouble on purpose, and undo it."""

import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from emulator.inbox.mail_faults import MailFault
from emulator.inbox.smtp import SmtpServer
from emulator.processes.errors import StackError
from emulator.processes.status import Part, State
from emulator.processes.supervisor import Supervisor
from emulator.sms.sms_inbox import SmsFault, SmsInbox

UP = "up"


class Switch:
    """What is done for each position; it starts at `up`."""

    def __init__(self, positions: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        self._positions = positions
        self.position = UP

    @property
    def positions(self) -> list[str]:
        return list(self._positions)

    async def put(self, position: str) -> None:
        """
        Put it to one of its positions; where it is there already, nothing happens.

        Raises:
            StackError: What it switches is not in the stack's hands.
        """
        if position == self.position:
            return
        await self._positions[position]()
        self.position = position


def mail_server_switch(server: SmtpServer, part: Part) -> Switch:
    async def open_with(fault: MailFault | None) -> None:
        await server.open(fault)
        part.enter(State.READY)

    async def close() -> None:
        await server.close()
        part.enter(State.STOPPED)

    return Switch(
        {
            UP: partial(open_with, None),
            "down": close,
            "refusing": partial(open_with, MailFault.RCPT_550),
            "slow": partial(open_with, MailFault.SLOW),
        }
    )


def sms_switch(inbox: SmsInbox) -> Switch:
    async def misbehave(fault: SmsFault | None) -> None:
        inbox.fault = fault

    return Switch({UP: partial(misbehave, None), **{each.name.lower(): partial(misbehave, each) for each in SmsFault}})


def function_switch(supervisor: Callable[[], Supervisor]) -> Switch:
    async def hold() -> None:
        supervisor().hold()

    async def release() -> None:
        supervisor().release()

    return Switch({UP: release, "down": hold})


def process_switch(part: Part) -> Switch:
    """The process is paused and does not respond, as behind a broken link; nothing of it is lost."""

    async def send(signal_number: signal.Signals, state: State) -> None:
        if part.pid is None:
            raise StackError(
                f"The {part.name} at {part.address} was not started by this stack, so it cannot be cut off."
            )
        os.kill(part.pid, signal_number)
        part.enter(state)

    return Switch(
        {UP: partial(send, signal.SIGCONT, State.READY), "unreachable": partial(send, signal.SIGSTOP, State.PAUSED)}
    )
