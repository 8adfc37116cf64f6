"""Secret Manager: peppers and keys, made once and never replaced, and the secrets that are asked for."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from getpass import getpass
from secrets import token_urlsafe

from blueprint.gcloud import GcloudError, Run
from deploy.deployment import LABEL, Deployment, secret_id
from deploy.script import bash
from deploy.settings import SettingsError
from deploy.step import NOTHING_THERE, Payload, Step

# Lines VERSION:SECRET, as functions/shared/runtime/versioned_secrets.py reads them.
_GENERATED = Payload(
    lambda _found: f"1:{token_urlsafe(48)}",
    "printf '1:%s' \"$(head -c 48 /dev/urandom | base64 | tr -d '\\n')\"",
)


def secret_steps(deployment: Deployment, given: Mapping[str, str]) -> Iterator[Step]:
    """`given` holds the secrets that came by standard input; one that differs from the stored one replaces it."""
    for name in deployment.all_secrets():
        yield from _secret(deployment, name, given.get(name))


def with_kept_secrets(deployment: Deployment, run: Run) -> Deployment:
    """The same with generated secrets that are stored, though nothing asks for them: what was begun can be finished."""
    unasked = (name for name in deployment.topology.secrets if name not in deployment.all_secrets())
    generated = [name for name in unasked if deployment.topology.secrets[name].generated]
    kept = frozenset(name for name in generated if "ENABLED" in _states(deployment, name, run))
    return replace(deployment, kept_secrets=kept)


def complete_secrets(deployment: Deployment, given: Mapping[str, str], run: Run) -> dict[str, str]:
    """
    What is `given`, and the secrets that are not stored either, prompted for.

    Raises:
        SettingsError: There is nobody to ask, or no version of a generated secret is enabled.
    """
    complete = dict(given)
    for name in deployment.all_secrets():
        generated = deployment.topology.secrets[name].generated
        states = [] if name in given else _states(deployment, name, run)
        if generated and states and "ENABLED" not in states:
            raise SettingsError(
                f"{secret_id(name)} has versions, but none is enabled. A new one in its place would make all that was"
                " made with them useless (passwords, links in mails): enable the newest by its number\n"
                + bash(deployment.gcloud(f"secrets versions enable NUMBER --secret={secret_id(name)}"))
            )
        if not generated and name not in given and "ENABLED" not in states:
            complete[name] = _prompt(name)
    return complete


def _states(deployment: Deployment, name: str, run: Run) -> list[str]:
    """The state of each version that is stored; none where there is no such secret, or no Secret Manager yet."""
    try:
        listed = run(deployment.gcloud(f"secrets versions list {secret_id(name)} --format='value(state)'"), None)
    except GcloudError as error:
        if not error.says(NOTHING_THERE):
            raise
        return []
    return listed.upper().split()  # gcloud prints them in lower case


def _secret(deployment: Deployment, name: str, given: str | None) -> Iterator[Step]:
    gcloud, secret = deployment.gcloud, secret_id(name)
    number = "--format='value(name.basename())'"
    generated = deployment.topology.secrets[name].generated
    # A generated secret is never replaced: whatever version there is, an enabled one before the others.
    newest = "--sort-by=~state,~createTime" if generated else "--filter=state=ENABLED --sort-by=~createTime"
    add = gcloud(f"secrets versions add {secret} --data-file=- {number}")
    yield Step(
        f"Create the secret {secret}",
        gcloud(f"secrets create {secret} --replication-policy=automatic --labels={LABEL}"),
        check=gcloud("secrets list --format='value(name.basename())'"),
        there=secret,
        undo=gcloud(f"secrets delete {secret}"),
        holds_data=True,
    )
    # Each revision is pinned to a version: what is stored later changes no running revision.
    yield Step(
        f"Store the first version of {secret}",
        add,
        check=gcloud(f"secrets versions list {secret} {newest} --limit=1 {number}"),
        fills=f"{name}_VERSION",
        payload=_GENERATED if generated else _asked(name, given),
    )
    if given:
        yield Step(
            f"Store a new version of {secret} if another was given",
            add,
            check=gcloud(
                f"secrets versions access ${{{name}_VERSION}} --secret={secret}"
            ),  # the latest may be disabled
            there=given,
            fills=f"{name}_VERSION",
            payload=_asked(name, given),
        )


def _asked(name: str, given: str | None) -> Payload:
    return Payload(
        lambda _found: given or _prompt(name),
        f'{{ read -rsp "{name}: "; printf %s "$REPLY"; }}',
    )


def _prompt(name: str) -> str:
    if not sys.stdin.isatty():
        raise SettingsError(f"{name} is not stored yet: pass it on standard input")
    try:
        return getpass(f"{name}: ")
    except EOFError as error:
        print(file=sys.stderr)  # ends the prompt's line
        raise SettingsError(f"{name} was not given: type it when prompted, or pass it on standard input") from error
