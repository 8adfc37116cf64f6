"""Protections of sign-ups that take the mailbox first, each broken in one place."""

from proofs.explore.mutation import PUT, Mutant

_LINK, _MAILED, _FORM = "shared.links.sign_up_link", "send_email.links", "create_user.sign_up_form"
_ENDPOINT, _VERIFIED = "create_user.verified_endpoint", "create_user.verified_registration"
_COUNT, _ASKED = "create_user.mail_count", "create_user.sign_up_requests"
_REQUESTS = "create_user.firestore_sign_up_requests"

MAILBOX_MUTANTS = (
    Mutant(
        "a password is kept from before the proof",
        _ENDPOINT,
        "        link = SignUpLink.read(read_token(members), self.link_keys)\n",
        f"""        database = self.users._database()
        if "token" not in members:
            database.commit({PUT}("claims/of the address", {{"password": members["password"]}}))
        link = SignUpLink.read(read_token(members), self.link_keys)
        members = {{**members, **next((each.fields for each in database.get("claims/of the address")[0] if each), {{}})}}
""",
    ),
    Mutant(
        "the address is taken from the body",
        _FORM,
        'form.check("token", "name", "company", "password")\n    return NewUser(name=name, company=company, email=address,',
        'form.check("token", "name", "company", "email", "password")\n    return NewUser(name=name, company=company, email=str(members.get("email", address)),',
    ),
    Mutant(
        "a token is not bound to its address",
        _LINK,
        "hmac.digest(keys[version], framed, 'sha256')",
        "hmac.digest(keys[version], msgspec.json.encode(claims[:3]), 'sha256')",
    ),
    Mutant(
        "a token's MAC is not compared",
        _LINK,
        "        if not hmac.compare_digest(",
        "        if False and not hmac.compare_digest(",
    ),
    Mutant("a link never ends", _VERIFIED, "link.check(found.at)", "pass"),
    Mutant("a repeat after the link's end is refused", _VERIFIED, "if not found.stored:", "if True:"),
    Mutant("a link ends by an instance's clock", _VERIFIED, "link.check(found.at)", "link.check(now())"),
    Mutant("a link ends a day after its mail", _MAILED, "requested_at(event.occurred_at,", "requested_at(at,"),
    Mutant(
        "a key names the user without the address",
        _ENDPOINT,
        "read_user_id(request, address=link.address)",
        "read_user_id(request)",
    ),
    Mutant("an account with a proof is not said to have one", _FORM, "email_verified=True", "email_verified=False"),
    Mutant(
        "a mail is counted at whatever version is there",
        _REQUESTS,
        "Update(record, fields, count.version)",
        f"{PUT}(record, fields)",
    ),
    Mutant("the first count overwrites", _REQUESTS, "else Create(record, fields)", f"else {PUT}(record, fields)"),
    Mutant(
        "who lost the count mails",
        _REQUESTS,
        "return None  # also if",
        "return EntryVersion(requested.at)  # also if",
    ),
    Mutant(
        "a mail is counted without its event",
        _REQUESTS,
        "commit(*writes, entry)",
        "commit(*writes)",
    ),
    Mutant("yesterday's mails count today", _COUNT, "if self.last_mail_at.date() == at.date() else 0", ""),
    Mutant("there is no limit to a day's mails", _COUNT, "mails < a_day and ", ""),
    Mutant("a count expires within its day", _REQUESTS, "_KEPT = timedelta(days=3)", "_KEPT = timedelta(hours=1)"),
    Mutant("there is no pause between mails", _COUNT, " and at - self.last_mail_at >= pause", ""),
    Mutant(
        "tags silence the address without one",
        _REQUESTS,
        "    if not is_one_of_many(address):\n        return [mails]\n",
        "",
    ),
    Mutant(
        "there is no limit to the mails of all tags",
        _ASKED,
        "self.tagged is None or self.tagged.allows_another(self.at, a_day=TAGGED_MAILS_A_DAY)",
        "True",
    ),
    Mutant("a note goes to the address as typed", _ASKED, "email=held_address or address", "email=address"),
    Mutant(
        "an address shares the count of its tags",
        _REQUESTS,
        "mailbox_id(address)}",
        "mailbox_id(untagged(address))}",
    ),
)
