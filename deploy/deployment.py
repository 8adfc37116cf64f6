"""What is to be deployed, and where: the project, the functions chosen, and what each of them gets."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from blueprint.gcloud import Command
from blueprint.topology import Function, Topology, Trigger

LABEL = "app=usher"


@dataclass(frozen=True)
class Deployment:
    """
    `settings` are the functions' own, by name; their values are words of a command (see `step.literal`).

    `bundles` are digests of what is uploaded, by function: where one is known, its function is built again only if that
    or its settings differ from what runs, or to `rebuild`. `kept_secrets` are given to functions though no setting asks
    for them any more.
    """

    topology: Topology
    project: str
    region: str
    settings: Mapping[str, str]
    public: bool = False
    alert_channel: str | None = None
    alert_email: str | None = None
    canary_email: str | None = None
    bundles: Mapping[str, str] = field(default_factory=dict)
    rebuild: bool = False
    kept_secrets: frozenset[str] = frozenset()

    def gcloud(self, text: str, *more: str) -> Command:
        """The words of a gcloud command in this project; `more` are words that may hold anything."""
        return ("gcloud", *shlex.split(text), *more, f"--project={self.project}")

    def functions(self) -> dict[str, Function]:
        """Those to deploy: an optional one only where all that it requires is set."""
        return {
            name: function
            for name, function in self.topology.functions.items()
            if not function.optional or all(setting in self.settings for setting in function.required)
        }

    @property
    def entrance(self) -> str:
        """The function that sign-ups reach."""
        return next(name for name, function in self.functions().items() if function.trigger is Trigger.HTTP)

    @property
    def _own_page(self) -> str:
        """
        The page of the function that sign-ups reach, at the service's address that is known before there is a service.

        https://cloud.google.com/run/docs/triggering/https-request#deterministic
        """
        return f"https://{service(self.entrance)}-${{PROJECT_NUMBER}}.{self.region}.run.app/sign-up"

    def environment(self, function: Function) -> dict[str, str]:
        """The settings of a function, without its secrets."""
        known = {
            **({"SIGN_UP_URL": self._own_page} if "LINK_KEYS" in self.secrets(function) else {}),
            "GOOGLE_CLOUD_PROJECT": self.project,
            "EVENT_TOPIC": self.topology.events.topic,
            "LEASE_SECONDS": str(self.topology.push.lease_seconds),
            "AUDITED_SUBSCRIBERS": " ".join(self._audited()),
            "DEAD_LETTER_TOPIC": self.topology.events.dead_letter_topic,
            "DEAD_LETTER_SUBSCRIPTION": self.topology.events.dead_letter_subscription,
            "ATTEMPTS_SECONDS": str(self.topology.push.attempts_seconds),
            "HASH_CPUS": str(function.cpu),
            "MAX_INSTANCES": str(function.max_instances),
            **self.topology.places.cloud,
            **self.settings,
        }
        named = {name: known[name] for name in function.settings if name in known}
        return {**named, "THREADS": str(function.concurrency)}

    def _audited(self) -> list[str]:
        """As audit's settings name them."""
        subscribers = [(name, f) for name, f in self.functions().items() if f.subscription]
        return [f"{name}={f.subscription}{'?' if f.optional else ''}" for name, f in subscribers]

    def secrets(self, function: Function) -> list[str]:
        """The names of the secrets that a function is given, as environment variables."""
        return [name for name in function.secrets if self._wanted(name)]

    def all_secrets(self) -> list[str]:
        return [
            name for name in self.topology.secrets if any(name in self.secrets(f) for f in self.functions().values())
        ]

    def _wanted(self, secret: str) -> bool:
        setting = self.topology.secrets[secret].goes_with
        return setting is None or self.is_on(setting) or secret in self.kept_secrets

    def is_on(self, setting: str) -> bool:
        """Whether a setting is given, and neither empty nor false."""
        return self.settings.get(setting, "") not in {"", "false"}

    def account(self, purpose: str) -> str:
        return f"usher-{purpose}@{self.project}.iam.gserviceaccount.com"


def service(function_name: str) -> str:
    """The Cloud Run service of a function: `create-user`."""
    return function_name.replace("_", "-")


def secret_id(secret: str) -> str:
    """What Secret Manager calls a secret: `usher-smtp-password`."""
    return f"usher-{service(secret.lower())}"


def url(function_name: str) -> str:
    """The service's URL, which the cloud decides: the placeholder for it in commands."""
    return f"${{{url_variable(function_name)}}}"


def url_variable(function_name: str) -> str:
    return f"{function_name.upper()}_URL"
