"""The environment of the pusher that runs locally: what of the stack's it may see, and where everything is."""

from collections.abc import Mapping

from msgspec import structs

from blueprint.topology import Push
from emulator.broker import Place
from emulator.functions.environment import PASSED_ON
from pusher.settings import Settings
from shared.runtime.settings import SettingsError, read_settings

PUSHER_SETTINGS = frozenset(field.name.upper() for field in structs.fields(Settings))


def pusher_environment(place: Place, url: str) -> dict[str, str]:
    """The whole environment: it pushes what is on the server at `url` to the functions of the stack."""
    environ, topology = place.environ, place.topology
    return {
        **{name: environ[name] for name in (*PASSED_ON, *PUSHER_SETTINGS) if environ.get(name)},
        "GOOGLE_CLOUD_PROJECT": place.project,
        "EVENT_TOPIC": topology.events.topic,
        "NATS_URL": url,
        "PUSH_ENDPOINTS": " ".join(f"{name}={url}" for name, url in place.endpoints.items()),
        "PYTHONUNBUFFERED": "1",
    }


def policy_in_force(environment: Mapping[str, str], push: Push) -> Push:
    """How the pusher with this environment pushes. Wrong settings are reported at the start, with all others."""
    try:
        return read_settings(Settings, environment).policy(push)
    except SettingsError:
        return push
