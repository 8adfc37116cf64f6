"""Reads a mail's HTML as strictly as no mail program does, and says what is to be seen of it in which colours."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

_VOID = ("meta", "br")
_INVISIBLE = ("title", "style")
_RULE = re.compile(r"\.(\w+) \{([^}]*)\}")


class Look(NamedTuple):
    """An element's colours, inherited where it has none of its own."""

    color: str = ""
    background: str = ""
    visible: bool = True

    def styled(self, declarations: str) -> "Look":
        found = dict(re.findall(r"([\w-]+):\s*(#\w{6}|none)", declarations))
        return Look(
            color=found.get("color", self.color),
            background=found.get("background-color", self.background),
            visible=self.visible and found.get("display") != "none",
        )


class MailHtml(HTMLParser):
    """`texts` are those that show, with their colours; `hidden` is the one for the list of mails."""

    def __init__(self, html: str, *, dark: bool = False) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, Look]] = []
        self.hidden = ""
        self._dark = dict(_RULE.findall(html.partition("prefers-color-scheme: dark")[2])) if dark else {}
        self._open: list[tuple[str, Look]] = [("", Look())]
        self.feed(html)
        self.close()
        assert self._open == [("", Look())], "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in _VOID:
            look = self._open[-1][1].styled(given.get("style") or "")
            for name in (given.get("class") or "").split():
                look = look.styled(self._dark.get(name, ""))
            self._open.append((tag, look._replace(visible=look.visible and tag not in _INVISIBLE)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        tag, look = self._open[-1]
        if not (text := " ".join(data.split())) or tag in _INVISIBLE:
            return
        if look.visible:
            self.texts.append((text, look))
        else:
            self.hidden += text


def contrast(one: str, other: str) -> float:
    """By WCAG: from 1 to 21."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
