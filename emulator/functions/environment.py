"""The whole environment of a function that runs locally: the settings it may see, and where its emulators are."""

import re
from collections.abc import Mapping

from blueprint.topology import Function, Topology
from emulator.processes.ports import HOST, Ports
from emulator.sms.messages_api import ACCOUNT_SID, AUTH_TOKEN

LOCAL_PROJECT = "usher-local"
# Who names a server that is elsewhere names its port and its account, too: this stack's would be wrong there.
_GO_WITH = {
    "SMTP_HOST": ("SMTP_PORT", "SMTP_SECURITY"),
    "SMS_BASE_URL": ("SMS_ACCOUNT_SID", "SMS_AUTH_TOKEN", "SMS_FROM", "SMS_TO"),
}
_ON_THIS_MACHINE = re.compile(r"(https?://)?(127\.0\.0\.1|localhost|\[?::1\]?)([:/]|$)")
# What programs in general need; everything else must be named in topology.toml.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")


def local_settings(ports: Ports, topology: Topology) -> dict[str, str]:
    """The settings that make functions use the local stack; its user's environment may say otherwise."""
    return {
        "GOOGLE_CLOUD_PROJECT": LOCAL_PROJECT,
        "EVENT_TOPIC": topology.events.topic,
        "PASSWORD_PEPPERS": "1:a-local-pepper-that-protects-nothing-0000",
        "LINK_KEYS": "1:a-local-key-that-protects-nothing-00000000",
        "SIGN_UP_URL": f"http://{HOST}:{ports.base}/sign-up",
        "CORS_ORIGINS": f"http://{HOST}:{ports.ui} http://localhost:{ports.ui}",
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(ports.smtp),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "Usher <welcome@usher.example>",
        "SMS_BASE_URL": f"http://{HOST}:{ports.ui}",
        "SMS_ACCOUNT_SID": ACCOUNT_SID,
        "SMS_AUTH_TOKEN": AUTH_TOKEN,
        "SMS_FROM": "+441632960000",
        "SMS_TO": "+441632960001",
        "AUDITED_SUBSCRIBERS": " ".join(f"{name}={f.subscription}" for name, f in topology.subscribers().items()),
        "DEAD_LETTER_TOPIC": topology.events.dead_letter_topic,
        "DEAD_LETTER_SUBSCRIPTION": topology.events.dead_letter_subscription,
        "ATTEMPTS_SECONDS": str(topology.push.max_delivery_attempts),  # the emulator makes one a second
        "MONITORING_URL": f"http://{HOST}:{ports.ui}",
        "AUDIT_SETTLED_SECONDS": "10",
        "AUDIT_PAUSE_SECONDS": "5",
        "OUTBOX_LATE_SECONDS": "60",
        **topology.places.local,
    }


def function_environment(
    function: Function, *, local: Mapping[str, str], emulator_hosts: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """
    The whole environment of `function`: the settings and secrets that topology.toml names for it and no others.

    Each is taken from `environ`, the environment of the stack, or else from `local`.
    """
    named = [*function.settings, *function.secrets]
    servers = [server for server in _GO_WITH if environ.get(server) and not _ON_THIS_MACHINE.match(environ[server])]
    elsewhere = {name for server in servers for name in _GO_WITH[server]}
    chosen = {name: environ.get(name) or (name not in elsewhere and local.get(name)) for name in named}
    return {
        **{name: environ[name] for name in PASSED_ON if name in environ},
        **{name: value for name, value in chosen.items() if value},
        **emulator_hosts,
        "PYTHONUNBUFFERED": "1",
        "THREADS": str(function.concurrency),
    }
