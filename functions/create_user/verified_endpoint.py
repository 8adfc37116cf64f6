"""Answers `POST /` where the mailbox comes first: a sign-up with the token of a link."""

from dataclasses import dataclass
from typing import ClassVar

from flask import Request

from shared.links.sign_up_link import SignUpLink
from shared.runtime.versioned_secrets import VersionedSecrets
from shared.web.request import read_members

from .http_request import read_user_id
from .registration import Registration
from .sign_up_endpoint import SignUpEndpoint
from .sign_up_form import read_token, read_verified_sign_up
from .verified_registration import register_verified_user


@dataclass(frozen=True, kw_only=True)
class VerifiedSignUpEndpoint(SignUpEndpoint):
    """Signs a user up who has read a mail: the address comes from the token alone."""

    example: ClassVar = '{"token":"...","name":"Ewan","password":"plum tractor violet harbour"}'
    link_keys: VersionedSecrets

    def register(self, request: Request, traceparent: str) -> Registration:
        members = read_members(request)
        link = SignUpLink.read(read_token(members), self.link_keys)
        return register_verified_user(
            link,
            read_verified_sign_up(members, self.policy, address=link.address),
            read_user_id(request, address=link.address),
            passwords=self.passwords,
            users=self.users,
            publish=self.publish,
            now=self.now,
            traceparent=traceparent,
        )
