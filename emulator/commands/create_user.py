"""Signs a user up at a running create_user: what `python -m emulator create-user` does."""

from collections.abc import Callable, Collection, Mapping

import httpx

from emulator.commands.local_stack import Status, ask_status
from emulator.commands.mailed_link import mailed_token
from emulator.commands.mails import MAIL_SECONDS, MailsTo
from emulator.commands.posting import post
from emulator.processes.errors import StackError


def create_user(
    sign_up: Mapping[str, str], *, url: str, ui_url: str | None, client: httpx.Client, say: Callable[[str], None]
) -> bool:
    """
    Sign a user up at `url` and report the outcome; return whether it was accepted.

    With a `ui_url`, the local stack's, go the way of its VERIFY_EMAIL: by the link in the mail. Also say where the
    journey is shown, and when the welcome mail has arrived in the inbox there, if it is sent there.

    Raises:
        StackError: Nothing responds at `url`.
    """
    earlier: Collection[str] = ()
    if ui_url and (status := _verifying(ui_url, client)):
        mails = MailsTo(sign_up["email"], ui_url=ui_url, client=client)
        token = mailed_token(sign_up["email"], mails, status.mail, url=url, client=client, say=say)
        if not token:
            return False
        sign_up = {"token": token, **{member: value for member, value in sign_up.items() if member != "email"}}
        earlier = mails.ids()
    created = post(sign_up, url, client=client, say=say)
    if created and ui_url:
        say(_follow(created, ui_url, client, earlier=earlier))
    return created is not None


def _verifying(ui_url: str, client: httpx.Client) -> Status | None:
    """The status of the stack, if there is one and it takes the mailbox first."""
    try:
        status = ask_status(ui_url, client)
    except StackError:
        return None
    return status if status.sign_up.verify_email else None


def _follow(created: Mapping[str, object], ui_url: str, client: httpx.Client, *, earlier: Collection[str]) -> str:
    try:
        mail = ask_status(ui_url, client).mail
    except StackError as error:
        return f"{error} The welcome mail goes to send_email's SMTP_HOST."
    journey = f"Journey: {ui_url}/#/journeys/{created['id']}"
    if mail and not mail.inbox:
        to = "" if mail.local else ", to the real address"
        return f"{journey}\nThe welcome mail is sent through {mail.server}{to}: it does not arrive in the inbox here."
    mails = MailsTo(str(created["email"]), ui_url=ui_url, client=client)
    return f"{journey}\n{_await_mail(mails, earlier)}"


def _await_mail(mails: MailsTo, earlier: Collection[str]) -> str:
    try:
        arrived, waited = mails.wait(lambda ids: next((each for each in ids if each not in earlier), None))
    except StackError:
        return "The inbox has stopped responding."
    if not arrived:
        return f"No welcome mail arrived within {MAIL_SECONDS} s: the journey says what it waits for."
    return f"Mail, arrived after {waited:.1f} s: {mails.shown_at(arrived)}"
