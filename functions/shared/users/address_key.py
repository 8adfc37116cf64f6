"""The one form in which addresses are compared: those with the same key are one address."""

import unicodedata
from collections.abc import Callable
from hashlib import sha256

_LIGATURES = {"\ufb05": "\ufb06"}  # by simple case folding since Unicode 15.1; no Python tells


def address_key(address: str) -> str:
    """
    Remove case differences by Unicode's simple case folding, composed before and after.

    Character by character, so that it neither depends on neighbours (as `lower` does for the final sigma) nor makes two
    of one (as `casefold` does): a final sigma is a sigma, a long s an s and `ẞ` is `ß`, but `ß` is not `ss`, and
    neither the dotless i nor the capital one with a dot is an i.
    """
    return _letter_by_letter(_simply_folded, address)


def reservation_id(address: str) -> str:
    """The id of the one document that reserves an address in all its spellings."""
    return sha256(address_key(address).encode()).hexdigest()


def mailbox_id(address: str) -> str:
    """
    The id of the one document that counts the mails to an address, in capital and small letters.

    Not in all its spellings: a mail to one with a long s does not arrive where one with an s does.
    """
    return sha256(_in_small_letters(address).encode()).hexdigest()


def is_one_of_many(address: str) -> bool:
    """
    Whether it has a tag, or a letter such as the long s: whoever asks can make any number of such addresses of one.

    A final sigma does not count as one: Greek names end with it.
    """
    return _in_small_letters(address).replace("ς", "\N{GREEK SMALL LETTER SIGMA}") != address_key(untagged(address))


def untagged(address: str) -> str:
    """The address without its tag, for those who share a mailbox: `ewan+news@example.com` is `ewan@example.com`."""
    user, at, domain = address.rpartition("@")
    name, plus, _ = user.partition("+")
    return f"{name}{at}{domain}" if name and plus else address


def _letter_by_letter(change: Callable[[str], str], address: str) -> str:
    changed = "".join(map(change, unicodedata.normalize("NFC", address)))
    # Small letters have composed forms that capital ones lack: J with a caron becomes ǰ.
    return unicodedata.normalize("NFC", changed)


def _in_small_letters(address: str) -> str:
    return _letter_by_letter(lambda letter: small if len(small := letter.lower()) == 1 else letter, address)


def _simply_folded(character: str) -> str:
    """What Python folds to several characters has a simple folding only if it is a capital with one small letter."""
    for folded in (_LIGATURES.get(character, ""), character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character
