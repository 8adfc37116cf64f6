"""Whose requests the stack answers: those of this machine's programs and of a port's own pages, no other page's."""

from collections.abc import Collection, Sequence

_NAMES = {"127.0.0.1", "localhost", "[::1]"}
_OWN = {"same-origin", "none"}  # none: typed by a person


def refusal(hosts: Sequence[str], origins: Sequence[str], sites: Sequence[str], *, pages: Collection[str] = ()) -> str:
    """
    Why a request with these Host, Origin and Sec-Fetch-Site headers is refused, in a sentence; empty if it is not.

    Programs send neither Origin nor Sec-Fetch-Site. `pages` are the origins that may call from elsewhere.
    """
    if len(hosts) != 1 or not _is_this_machine(hosts[0]):
        return "Use 127.0.0.1 or localhost: any other host name may have been pointed here by a web page."
    own = f"http://{hosts[0].lower()}"
    # Browsers leave the Origin out of simple GETs only; where there is one, it decides.
    known = all(origin in pages or origin.lower() == own for origin in origins)
    if known and (origins or all(site in _OWN for site in sites)):
        return ""
    others = " and those named in CORS_ORIGINS" if pages else ""
    return f"Call this address from a program such as curl: the only web pages it accepts are its own{others}."


def _is_this_machine(host: str) -> bool:
    name, colon, port = host.lower().rpartition(":")
    return (name if colon and port.isdecimal() else host.lower()).removesuffix(".") in _NAMES
