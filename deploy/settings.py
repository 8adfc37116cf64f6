"""Reads what is to be deployed from flags and deploy.toml, and lists every fault."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from blueprint.topology import Topology
from deploy.deployment import Deployment
from deploy.mail_from import is_sender
from deploy.mail_loss import mail_losing_faults
from deploy.step import literal

# Settings of the functions that have a flag of their own.
_FLAGGED = ("SMTP_HOST", "SMTP_PORT", "SMTP_USER", "MAIL_FROM", "VERIFY_EMAIL", "SIGN_UP_URL")
# Settings that the topology decides.
_KNOWN_TO_DEPLOY = {
    "GOOGLE_CLOUD_PROJECT",
    "EVENT_TOPIC",
    "AUDITED_SUBSCRIBERS",
    "DEAD_LETTER_TOPIC",
    "DEAD_LETTER_SUBSCRIPTION",
    "ATTEMPTS_SECONDS",
    "HASH_CPUS",
    "MAX_INSTANCES",
    "MONITORING_URL",
}
_OF_NATS = {"EVENT_BROKER", "NATS_URL"}
_GONE = {"CONCEAL_EXISTING_ACCOUNTS", "CONCEALED_ANSWER_SECONDS"}
ON_PUBSUB = "unset it: the deployment runs on Pub/Sub, and docs/nats.md says how to run Usher on NATS elsewhere"
# Each canary's own address has 37 more characters before the @, where 64 are allowed.
_CANARY_EMAIL = r"[A-Za-z0-9._+-]{1,27}@[a-z0-9.-]+\.[a-z]{2,}"
_Value = str | int | float | bool


class SettingsError(Exception):
    """The settings are unusable: the text lists every fault."""


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What deploy.toml may hold; flags go before it."""

    project: str = ""
    region: str = ""
    public: bool = False
    alert_channel: str | None = None
    alert_email: str | None = None
    canary_email: str | None = None
    settings: dict[str, _Value] = {}


def read_given(flags: Mapping[str, Any]) -> Given:
    """
    Read the file that `--config` names, if it is there, and put the flags that were given on top.

    Raises:
        SettingsError: The file is not TOML, or holds something unknown or of the wrong type.
    """
    path: Path = flags["config"]
    try:
        written = msgspec.convert(tomllib.loads(path.read_text()) if path.exists() else {}, Given)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{path}: {error}") from error
    flagged = {name: flags[name] for name in Given.__struct_fields__ if flags.get(name)}
    settings = {name: flags[name.lower()] for name in _FLAGGED if flags.get(name.lower()) not in {None, ""}}
    return msgspec.structs.replace(written, **flagged, settings={**written.settings, **settings})


def deployment_of(given: Given, topology: Topology, *, complete: bool) -> Deployment:
    """
    What to deploy. Unless it must be `complete`, a setting that is missing becomes a variable of the script.

    Raises:
        SettingsError: Something is missing or wrong, or the topology would lose mail.
    """
    faults = [*_faults(given, topology), *mail_losing_faults(topology, given.settings)]
    missing = _missing(given, topology)
    if complete:
        faults += [f"{name} is missing: pass its flag or set it under [settings] in deploy.toml" for name in missing]
    _refuse(faults)
    return Deployment(
        topology=topology,
        project=given.project,
        region=given.region,
        settings={name: literal(_written(value)) for name, value in given.settings.items()}
        | {name: f"${{{name}}}" for name in missing},
        public=given.public,
        alert_channel=given.alert_channel,
        alert_email=given.alert_email,
        canary_email=given.canary_email,
    )


def project_of(given: Given) -> str:
    """
    The project, where nothing else is needed.

    Raises:
        SettingsError: The project is missing or wrong.
    """
    _refuse(_project_faults(given))
    return given.project


def everything_of(given: Given, topology: Topology) -> Deployment:
    """
    Whatever `up` may have made in this place, with every setting that there is: those that are given do not matter.

    Raises:
        SettingsError: The place is missing or wrong.
    """
    named = {name: f"${{{name}}}" for function in topology.functions.values() for name in function.settings}
    placed = deployment_of(msgspec.structs.replace(given, settings={}), topology, complete=False)
    return replace(placed, settings=named, public=True, alert_email="any")


def _refuse(faults: Iterable[str]) -> None:
    if listed := [f"- {fault}" for fault in faults]:
        raise SettingsError("\n".join(["Nothing was run. Fix these first:", *listed]))


def _project_faults(given: Given) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9-]{2,28}[a-z0-9]", given.project):
        yield f"--project: {given.project!r} is not a project ID"


def _faults(given: Given, topology: Topology) -> Iterator[str]:
    yield from _project_faults(given)
    if not re.fullmatch(r"[a-z]+-[a-z]+\d+", given.region):
        yield f"--region: {given.region!r} is not a region such as europe-west1"
    if given.alert_email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", given.alert_email):
        yield "--alert-email is not an address such as ops@example.com"
    if given.canary_email and not (re.fullmatch(_CANARY_EMAIL, given.canary_email) and is_sender(given.canary_email)):
        yield "--canary-email is not an address such as canary@example.com, with at most 27 characters before the @"
    yield from _verifying_faults(given)
    known = {name for f in topology.functions.values() for name in f.settings} - _KNOWN_TO_DEPLOY - _OF_NATS - _GONE
    for name, value in given.settings.items():
        if name in _OF_NATS:
            yield f"{name}: {ON_PUBSUB}"
        elif name in _GONE:
            yield f"{name} is gone: remove it, and set VERIFY_EMAIL = true, which conceals existing accounts by nature"
        elif name not in known:
            yield f"{name} is not a setting of any function: choose from {', '.join(sorted(known))}"
        if name == "MAIL_FROM" and str(value).strip() and not is_sender(str(value)):
            yield f"{name} must be an address such as 'Usher <welcome@example.com>'; quote a name with punctuation"
        if re.search(r"[|\n]", str(value)):
            yield f"{name} must not contain a vertical bar or a line break"


def _verifying_faults(given: Given) -> Iterator[str]:
    verifies = _written(given.settings.get("VERIFY_EMAIL", False))
    if verifies not in {"true", "false"}:
        yield "VERIFY_EMAIL must be true or false"
    if verifies == "true" and not (given.public or given.settings.get("SIGN_UP_URL")):
        yield (
            "SIGN_UP_URL is missing: with VERIFY_EMAIL, links in mails lead to a page, and without `public` no browser"
            " can open create_user's own"
        )


def _written(value: _Value) -> str:
    """A setting as the environment holds it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _missing(given: Given, topology: Topology) -> list[str]:
    """What a function requires; of an optional function only where some of it was given."""
    wanted = [
        f for f in topology.functions.values() if not f.optional or any(name in given.settings for name in f.required)
    ]
    return [name for f in wanted for name in f.required if not str(given.settings.get(name, "")).strip()]
