"""Where the functions' mail and SMS go by their settings: to the stack's own inbox, or elsewhere."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from msgspec import Struct

from emulator.processes.ports import Ports
from emulator.processes.status import Destination
from notify_admin.settings import Settings as NotifyAdmin
from send_email.settings import Settings as SendEmail
from shared.runtime.settings import THIS_MACHINE


def destinations(settings: Iterable[Struct], ports: Ports) -> dict[str, Destination]:
    """The destinations by `mail` and `sms`, of those functions that the stack has."""
    found = {}
    for each in settings:
        match each:
            case SendEmail():
                server = f"{each.smtp_host}:{each.smtp_port}"
                found["mail"] = _destination(server, each.smtp_host, inbox=(each.smtp_port == ports.smtp))
            case NotifyAdmin():
                url = urlsplit(each.sms_base_url)
                found["sms"] = _destination(each.sms_base_url, url.hostname, inbox=(url.port == ports.ui))
            case _:
                pass
    return found


def _destination(server: str, host: str | None, *, inbox: bool) -> Destination:
    local = host in THIS_MACHINE
    return Destination(server, local=local, inbox=local and inbox)
