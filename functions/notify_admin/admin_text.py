"""Composes what the admin reads about a new user."""

from shared.events.user_created import UserCreated

from .settings import SmsContent


def compose_text(event: UserCreated, content: SmsContent, *, product: str) -> str:
    """Compose the SMS; how much of the user's personal data it holds is the admin's choice."""
    match content:
        case SmsContent.ID:
            who = ""
        case SmsContent.NAME:
            who = f"{event.name}, "
        case SmsContent.NAME_AND_EMAIL:
            who = f"{event.name} <{event.email}>, "
    return f"A new user signed up to {product}: {who}{event.user_id}"
