"""What happens in the demo, and when."""

from collections.abc import Callable
from dataclasses import dataclass

from proofs.long_run_world import World


@dataclass(frozen=True)
class Scene:
    """
    At `seconds`, `words` are shown and `act` is done to every peer alike.

    `down` names the parts that are shown as down from now on.
    """

    seconds: float
    words: str
    act: Callable[[World], None]
    down: frozenset[str] = frozenset()


def _nothing(_world: World) -> None:
    """All is well."""


def _mail_server_down(world: World) -> None:
    world.smtp.refuse()


def _pubsub_cut_off(world: World) -> None:
    world.broker.refuse()


def _kill_create_user(world: World) -> None:
    world.instances["create_user"].kill()


def _kill_send_email(world: World) -> None:
    """While the mail server is slow to answer, so that it dies between a mail and its acknowledgement."""
    world.smtp.delay_seconds = 0.2
    for sender in world.senders:
        sender.kill()


def _heal(world: World) -> None:
    world.heal()


SCRIPT = [
    Scene(0, "People sign up; each gets a welcome mail", _nothing),
    Scene(7, "The mail server goes down", _mail_server_down, frozenset({"mail server"})),
    Scene(17, "The mail server is back", _heal),
    Scene(23, "Pub/Sub is cut off", _pubsub_cut_off, frozenset({"Pub/Sub"})),
    Scene(
        29, "create_user is killed, with Pub/Sub still away", _kill_create_user, frozenset({"Pub/Sub", "create_user"})
    ),
    Scene(34, "Pub/Sub is back", _heal),
    Scene(39, "send_email is killed in the middle of its work", _kill_send_email, frozenset({"send_email"})),
    Scene(43, "send_email is killed again", _kill_send_email, frozenset({"send_email"})),
    Scene(48, "Everything is back; sign-ups end", _heal),
]
