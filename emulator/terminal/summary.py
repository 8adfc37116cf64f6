"""What a person sees once the stack runs: where things are, and a sign-up to paste."""

from collections.abc import Iterable, Mapping

from emulator.processes.ports import HOST, Ports
from emulator.processes.status import Destination, StackStatus


def summary(ports: Ports, status: StackStatus, questions: Iterable[str], *, verify_email: bool) -> str:
    """`questions` are about the names of settings. With `verify_email` a sign-up begins with the address alone."""
    addresses = {"Browser": f"http://{HOST}:{ports.ui}/"} | {part.name: part.address for part in status.parts.values()}
    width = max(map(len, addresses))
    table = "\n".join(f"  {name:<{width}}  {address}" for name, address in addresses.items())
    notes = "\n".join(["", *notes_on(status.destinations), *questions])
    return f"""
{table}

{_first_steps(ports, verify_email=verify_email)}
Read the mails:
  curl http://{HOST}:{ports.ui}/api/v1/messages
Read the SMS:
  curl http://{HOST}:{ports.ui}/api/v1/sms
{notes}
Ctrl-C stops everything and discards the data.
"""


def _first_steps(ports: Ports, *, verify_email: bool) -> str:
    create_user, options = f"http://{HOST}:{ports.base}/", "-H 'Content-Type: application/json' -d"
    if not verify_email:
        return f"Sign a user up:\n  curl -i {create_user} {options} '{_SIGN_UP}'"
    return f"""Sign a user up, and open the link in the mail:
  curl -i {create_user}sign-ups {options} '{_REQUEST}'
  curl http://{HOST}:{ports.ui}/view/latest.txt"""


def notes_on(destinations: Mapping[str, Destination]) -> list[str]:
    """A sentence for each destination that is not the stack's own inbox."""
    return [
        (_ELSEWHERE_HERE if each.local else _REAL)[kind].format(each.server)
        for kind, each in destinations.items()
        if not each.inbox
    ]


_ELSEWHERE_HERE = {
    "mail": "Mail goes to {} on this machine, not to the stack's inbox.",
    "sms": "SMS go to {} on this machine, not to the stack's inbox.",
}
_REAL = {
    "mail": "REAL MAIL: {} delivers it to the real people whose addresses sign up, and none arrives in the inbox.",
    "sms": "REAL SMS: {} texts the admin's real phone at each sign-up, and none arrives in the inbox.",
}
_REQUEST = '{"email":"ewan@example.com"}'
_SIGN_UP = '{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}'
