"""Looks at the environment as the stack's user has set it: the stack's own settings, and names that look misspelt."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from blueprint.topology import Topology
from emulator.nats.settings import PUSHER_SETTINGS
from operations.redrive.system import EMULATORS

_PROJECT = re.compile(r"[a-z][a-z0-9.:-]{1,61}[a-z0-9]")
# https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
_TOPIC = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):[1-9][0-9]{0,4}")
_NATS = re.compile(r"(nats|tls)://([^@/\s]*@)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(:[1-9][0-9]{0,4})?/?")
_ALIKE = 0.88  # two letters swapped in SMTP_HOST; GOOGLE_CLOUD_QUOTA_PROJECT, SMTP_SERVER and GCLOUD_PROJECT are below


def stack_faults(environ: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the settings that the stack itself reads, as sentences that begin with the variable."""
    rules = {
        "GOOGLE_CLOUD_PROJECT": (_PROJECT, "a project ID such as usher-local"),
        "EVENT_TOPIC": (_TOPIC, "a topic's name of 3 to 255 characters, such as user.created"),
        **dict.fromkeys(EMULATORS, (_HOST, "HOST:PORT, such as 127.0.0.1:8085")),
        "NATS_URL": (_NATS, "the URL of one server, such as nats://127.0.0.1:4222"),
    }
    for name, (form, expected) in rules.items():
        value = environ.get(name, "")
        if value and not form.fullmatch(value):
            yield f"{name}: must be {expected}"


def misspelt(environ: Collection[str], topology: Topology) -> list[str]:
    """A question for each variable of `environ` whose name is nearly that of a setting, which is not set."""
    functions = topology.functions.values()
    of_functions = (name for each in functions for name in [*each.settings, *each.secrets])
    known = {"BASE_PORT", *EMULATORS, *of_functions, *PUSHER_SETTINGS}
    unset = known.difference(environ)
    return [
        f"{name} is not a setting: did you mean {meant[0]}?"
        for name in environ
        if name not in known and (meant := get_close_matches(name.upper(), unset, n=1, cutoff=_ALIKE))
    ]
