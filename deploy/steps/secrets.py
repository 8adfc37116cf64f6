"""Secret Manager: the pepper, made once and never replaced, and the secrets that are asked for."""

import sys
from collections.abc import Iterator, Mapping
from getpass import getpass
from secrets import token_urlsafe

from deploy.deployment import LABEL, Deployment, secret_id
from deploy.settings import SettingsError
from deploy.step import Payload, Step

# Lines VERSION:SECRET, as functions/create_user/peppers.py reads them.
_PEPPER = Payload(
    lambda: f"1:{token_urlsafe(48)}",
    "printf '1:%s' \"$(head -c 48 /dev/urandom | base64 | tr -d '\\n')\"",
)


def secret_steps(deployment: Deployment, given: Mapping[str, str]) -> Iterator[Step]:
    """`given` holds the secrets that came by standard input; one that differs from the stored one replaces it."""
    for name in deployment.all_secrets():
        yield from _secret(deployment, name, given.get(name))


def _secret(deployment: Deployment, name: str, given: str | None) -> Iterator[Step]:
    gcloud, secret = deployment.gcloud, secret_id(name)
    number = "--format='value(name.basename())'"
    add = gcloud(f"secrets versions add {secret} --data-file=- {number}")
    yield Step(
        f"Create the secret {secret}",
        gcloud(f"secrets create {secret} --replication-policy=automatic --labels={LABEL}"),
        check=gcloud("secrets list --format='value(name.basename())'"),
        there=secret,
        undo=gcloud(f"secrets delete {secret}"),
        holds_data=True,
    )
    # Each revision is pinned to a version: what is stored later changes nothing that runs.
    yield Step(
        f"Store the first version of {secret}",
        add,
        check=gcloud(f"secrets versions list {secret} --filter=state=ENABLED --sort-by=~createTime --limit=1 {number}"),
        fills=f"{name}_VERSION",
        payload=_PEPPER if deployment.topology.secrets[name].generated else _asked(name, given),
    )
    if given:
        yield Step(
            f"Store a new version of {secret} if another was given",
            add,
            check=gcloud(f"secrets versions access latest --secret={secret}"),
            there=given,
            fills=f"{name}_VERSION",
            payload=_asked(name, given),
        )


def _asked(name: str, given: str | None) -> Payload:
    return Payload(
        lambda: given or _prompt(name),
        f'{{ read -rsp "{name}: "; printf %s "$REPLY"; }}',
    )


def _prompt(name: str) -> str:
    if not sys.stdin.isatty():
        raise SettingsError(f"\n{name} is not stored yet: give it on standard input")
    return getpass(f"{name}: ")
