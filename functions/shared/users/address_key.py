"""The one form in which addresses are compared: those with the same key are one address."""

import unicodedata
from hashlib import sha256

_LIGATURES = {"\ufb05": "\ufb06"}  # by simple case folding since Unicode 15.1; no Python tells


def address_key(address: str) -> str:
    """
    Remove case differences by Unicode's simple case folding, composed before and after.

    Character by character, so that it neither depends on neighbours (as `lower` does for the final sigma) nor makes two
    of one (as `casefold` does): a final sigma is a sigma, a long s an s and `ẞ` is `ß`, but `ß` is not `ss`, and
    neither the dotless i nor the capital one with a dot is an i.
    """
    folded = "".join(map(_simply_folded, unicodedata.normalize("NFC", address)))
    # Small letters have composed forms that capital ones lack: J with a caron becomes ǰ.
    return unicodedata.normalize("NFC", folded)


def reservation_id(address: str) -> str:
    """The id of the one document that reserves an address in all its spellings."""
    return sha256(address_key(address).encode()).hexdigest()


def untagged(address: str) -> str:
    """The address without its tag, for those who share a mailbox: `ewan+news@example.com` is `ewan@example.com`."""
    user, at, domain = address.rpartition("@")
    name, plus, _ = user.partition("+")
    return f"{name}{at}{domain}" if name and plus else address


def _simply_folded(character: str) -> str:
    """What Python folds to several characters has a simple folding only if it is a capital with one small letter."""
    for folded in (_LIGATURES.get(character, ""), character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character
