"""Which option a reply names: by its letter, its number, or its words."""

from __future__ import annotations

import re
from collections.abc import Sequence


def option_in(text: str, options: Sequence[str], choices: Sequence[str] = ()) -> int | None:
    """The index of the option that a reply names; None if it names none, or several.

    The option alone counts first ("B", "(b).", "Yes"), then the text of a choice, then an
    option that stands by itself in a longer reply ("The answer is B.").
    """
    text = text.strip()
    word = re.sub(r"^[\W_]+|[\W_]+$", "", text)
    if (index := _index(word, options)) is not None:
        return index
    known = [_plain(choice) for choice in choices]
    without_letter = re.sub(r"^\W*[A-Za-z]\s*[).:]\s*", "", text)
    for candidate in (_plain(text), _plain(without_letter)):
        if known.count(candidate) == 1:
            return known.index(candidate)
    leading = re.match(r"\W*(\w+)\s*[).:,\n]", text)
    if leading and (index := _index(leading.group(1), options)) is not None:
        return index
    named = {
        index
        for word in re.findall(r"\b\w+\b", text)
        if (index := _exact(word, options)) is not None
    }
    return named.pop() if len(named) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.split()).strip().strip(".").casefold()


def _index(word: str, options: Sequence[str]) -> int | None:
    folded = [option.casefold() for option in options]
    return folded.index(word.casefold()) if word.casefold() in folded else None


def _exact(word: str, options: Sequence[str]) -> int | None:
    """An option inside a sentence: of letters only the capital ("a" is an article, and so
    is "I" a pronoun: but a reply that says I is no reply to a question with nine choices).
    """
    if len(options) and len(options[0]) == 1:
        return options.index(word) if word in options else None
    return _index(word, options)
