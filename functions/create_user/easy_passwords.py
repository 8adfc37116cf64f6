"""Which passwords are easily guessed, by rules over a list of common ones."""

from typing import Protocol

from .keyboard_runs import is_run
from .password_spelling import SEPARATORS, Spelling, read_word

_SHORT = 8  # the shortest password that any settings allow
_SHORTEST_WORD, _LONGEST_WORD = 4, 24
_DIGITS_AT_AN_EDGE = 3  # that belong to the word: `007bond`, `abc123`
_LETTERS_OF_A_WORD = 3  # at least, and a third of it: of `b4s3b411` three in eight
_WORDS_OF_A_PASSPHRASE = _LETTERS_OF_ITS_WORDS = 3


class Words(Protocol):
    """Words as `Spelling.read` has them."""

    def __contains__(self, word: str, /) -> bool: ...


def is_easily_guessed(password: str, listed: Words) -> bool:
    """
    Whether a folded password is little more than a listed word, two of them, a keyboard run or a short pattern.

    A text of three words or more is easily guessed only if all of it is listed, for the famous ones are. Looks up at
    most 200 words, whatever the password.
    """
    text = "".join(password.split())
    spelling = Spelling.of(text)
    readings = {text, spelling.typed}
    return (
        len(text) < _SHORT
        or any(map(_repeats_a_short_pattern, readings | {spelling.without_digits_around().typed}))
        or any(map(is_run, readings))
        or _is_listed(spelling, listed)
        or (not _is_passphrase(password) and _is_made_of_listed_words(spelling, listed))
    )


def _repeats_a_short_pattern(text: str) -> bool:
    """Whether it does from end to end. A text with few characters besides its punctuation may do so by chance."""
    longest = _SHORT if text.isdecimal() else _SHORT - 1  # a date has eight digits
    periods = range(1, min(longest, len(text) // 2) + 1)
    return len(text) >= _SHORT and any(text.startswith(text[period:]) for period in periods)


def _is_passphrase(text: str) -> bool:
    words = {read_word(word) for word in SEPARATORS.split(text)}
    return sum(len(word) >= _LETTERS_OF_ITS_WORDS for word in words) >= _WORDS_OF_A_PASSPHRASE


def _is_listed(spelling: Spelling, listed: Words) -> bool:
    is_more_than_punctuation = spelling.typed.strip("@$!") != ""
    once = spelling.once().without_digits_around()
    return once.read in listed or (is_more_than_punctuation and spelling.read in listed)


def _is_made_of_listed_words(spelling: Spelling, listed: Words) -> bool:
    """One, once or several times, or two, with digits and signs around and between."""
    first, last = spelling.next_letter(0), spelling.after_last_letter() - 1
    length = len(spelling.read)

    def is_word(start: int, end: int) -> bool:
        least = max(_LETTERS_OF_A_WORD, (end - start) / 3)
        return spelling.read[start:end] in listed and spelling.count_letters(start, end) >= least

    firsts = [
        (start, end)
        for start in range(max(0, first - _DIGITS_AT_AN_EDGE), first + 1)
        for end in range(max(first + 1, start + _SHORTEST_WORD), min(start + _LONGEST_WORD, length) + 1)
        if is_word(start, end)
    ]
    if any(spelling.is_made_of(spelling.read[start:end]) for start, end in firsts):
        return True
    seconds = {
        start for _, end in firsts for start in range(max(end, last + 1 - _LONGEST_WORD), spelling.next_letter(end) + 1)
    }
    return any(
        is_word(start, end)
        for start in seconds
        for end in range(max(last + 1, start + _SHORTEST_WORD), min(last + 1 + _DIGITS_AT_AN_EDGE, length) + 1)
    )
