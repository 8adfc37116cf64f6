"""What a person sees once the stack runs: where things are, and a sign-up to paste."""

from emulator.processes.ports import HOST, Ports
from emulator.processes.status import StackStatus


def summary(ports: Ports, status: StackStatus) -> str:
    addresses = {"Browser": f"http://{HOST}:{ports.ui}/"} | {part.name: part.address for part in status.parts.values()}
    width = max(map(len, addresses))
    table = "\n".join(f"  {name:<{width}}  {address}" for name, address in addresses.items())
    return f"""
{table}

Sign a user up:
  curl -i http://{HOST}:{ports.base}/ -H 'Content-Type: application/json' -d '{_SIGN_UP}'
Read the mails:
  curl http://{HOST}:{ports.ui}/api/v1/messages
Read the SMS:
  curl http://{HOST}:{ports.ui}/api/v1/sms

Ctrl-C stops everything and discards the data.
"""


_SIGN_UP = '{"name":"Ewan","email":"ewan@example.com","password":"plum tractor violet harbour"}'
