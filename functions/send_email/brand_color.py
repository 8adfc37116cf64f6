"""The colour at the head of each mail, and what can be read on it."""

import re

_LINEAR_UP_TO = 0.04045  # where the gamma of sRGB begins


class BrandColor(str):
    """A colour such as `#2b5fd9`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "BrandColor":
        if not re.fullmatch("#[0-9a-fA-F]{6}", text):
            raise ValueError("must be a colour such as #2b5fd9: a hash sign and six hexadecimal digits")
        return cls(text)

    @property
    def text_color(self) -> str:
        """Black or white, whichever contrasts more: at least 4.58 to 1 on any colour, where WCAG asks for 4.5."""
        on_black, on_white = (self._luminance + 0.05) / 0.05, 1.05 / (self._luminance + 0.05)
        return "#000000" if on_black > on_white else "#ffffff"

    @property
    def _luminance(self) -> float:
        """WCAG's relative luminance, from 0 for black to 1 for white."""
        red, green, blue = (_linear(part / 255) for part in bytes.fromhex(self[1:]))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    """Undo the gamma of sRGB."""
    return part / 12.92 if part <= _LINEAR_UP_TO else ((part + 0.055) / 1.055) ** 2.4
