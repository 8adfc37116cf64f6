"""Composes what the admin reads about a new user."""

from shared.events.user_created import UserCreated
from shared.texts.plausible_names import plausible_name

from .settings import SmsContent

_OF_LINKS = set("/:?#=&%")


def compose_text(event: UserCreated, content: SmsContent, *, product: str) -> str:
    """
    Compose the SMS; how much of the user's personal data it holds is the admin's choice.

    A phone makes links of what looks like one: what is not a plausible name, or an address that holds signs of a link,
    is replaced by a word for it.
    """
    name = plausible_name(event.name) or "(unusual name)"
    address = "(unusual address)" if _OF_LINKS & set(event.email) else event.email
    match content:
        case SmsContent.ID:
            who = ""
        case SmsContent.NAME:
            who = f"{name}, "
        case SmsContent.NAME_AND_EMAIL:
            who = f"{name} <{address}>, "
    return f"A new user signed up for {product}: {who}{event.user_id}"
