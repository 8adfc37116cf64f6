"""Texts that follow the alphabet, the digits or the keys of a keyboard."""

import re

_LINES = """
01234567890123456789
1234567890-=
abcdefghijklmnopqrstuvwxyzabc
абвгдежзийклмнопрстуфхцчшщъыьэюя
qwertyuiop[]asdfghjkl;'zxcvbnm,./
qwertyuiopasdfghjklzxcvbnm1234567890qwertyuiop
poiuytrewqlkjhgfdsamnbvcxz
asdfghjklqwertyuiopzxcvbnm
zxcvbnmasdfghjklqwertyuiop
1234567890abcdefghijklmnop
qwertzuiopasdfghjklyxcvbnm
azertyuiopqsdfghjklmwxcvbn
йцукенгшщзхъфывапролджэячсмитьбю
1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/
1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p
1qay2wsx3edc4rfv5tgb6zhn7ujm
1qazxsw23edcvfr45tgbnhy67ujm
zaq1xsw2cde3vfr4bgt5nhy6mju7
zaq12wsxcde34rfvbgt56yhn
qazwsxedcrfvtgbyhnujmikolp
qazxswedcvfrtgbnhyujm
qweasdzxcrtyfghvbn
123qweasdzxc
1234qwerasdfzxcv
147258369147
741852963741
789456123789
"""
_LENGTH = 4
_PIECES = frozenset(
    way[start : start + _LENGTH]
    for line in [*_LINES.split(), *(key * _LENGTH for key in set(_LINES))]
    for way in (line, line[::-1])
    for start in range(len(way) - _LENGTH + 1)
)
_WITHOUT_SHIFT = str.maketrans('!@#$%^&*()_+{}|:"<>?', "1234567890-=[]\\;',./")
_LOOSE = 6  # of so many characters one may lie outside of the runs
_DOUBLED = re.compile(r"(.)\1+", re.DOTALL)


def is_run(text: str) -> bool:
    """
    Whether nearly all of a text is runs of four keys or more: `qwertyuiopasdfgh!`, `1qaz2wsx3edc4rfv`.

    Also where each key is doubled, two runs alternate (`1q2w3e4r`) or numbers are counted (`8910111213`, `10203040`).
    Fewer than two runs are none: they may be all there is beside punctuation.
    """
    if len(text) < 2 * _LENGTH:
        return False
    keys = text.translate(_WITHOUT_SHIFT)
    once = _DOUBLED.sub(r"\1", keys)
    return (
        _follows_runs(keys)
        or (2 * len(once) <= len(keys) and _follows_runs(once))
        or (_follows_runs(keys[::2]) and _follows_runs(keys[1::2]))
        or (keys.isdecimal() and _is_counted(keys))
    )


def _follows_runs(keys: str) -> bool:
    allowed = len(keys) // _LOOSE
    loose = followed = 0
    for end in range(_LENGTH, len(keys) + 1):
        start = end - _LENGTH
        if keys[start:end] in _PIECES:
            loose += max(0, start - followed)
            followed = end
        elif loose + start - followed > allowed:
            return False
    return loose + len(keys) - followed <= allowed


def _is_counted(digits: str) -> bool:
    return any(
        _counts_on(digits, width, int(digits[width : width + next_width]) - int(digits[:width]))
        for width in range(1, min(_LENGTH, len(digits) // 3) + 1)
        for next_width in (width, width + 1)
    )


def _counts_on(digits: str, width: int, step: int) -> bool:
    number, end = int(digits[:width]), width
    while end < len(digits):
        number += step
        text = str(number).zfill(width if digits.startswith("0") else 0)
        if not text.startswith(digits[end : end + len(text)]):
            return False
        end += len(text)
    return True
