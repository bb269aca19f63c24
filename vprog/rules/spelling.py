"""Typing errors: a word that is none, one slip away from a word that the reader knows.

What is a word at all is told by the vocabulary that comes with the sentence embedder, so that an
English word which the reader does not know is never turned into one that it does.
"""

from __future__ import annotations

import functools
import re
import string

from vprog.models.sentence_embedder import vocabulary
from vprog.once import once
from vprog.rules.lexicon import lexicon, spellings, stem
from vprog.rules.question_kinds import all_kinds
from vprog.rules.rule_data import pattern, table

_SHORTEST = 5
"""Letters from which any one slip is mended; of four, only two that have changed places."""


def without_slips(text: str) -> str:
    """A question in lower case, each word with one wrong, missing, doubled or misplaced letter
    as it should be.

    Example:
        >>> without_slips("how many poeple wlak to the left")
        'how many people walk to the left'
    """

    def mended(hit: re.Match[str]) -> str:
        is_cited = pattern("said_as_it_is").search(text[: hit.start()].rstrip())
        return hit[0] if is_cited else _mended(hit[0])

    return re.sub(r"(?<![\w.'/-])[a-z]{3,}(?![\w/-]|[.'][\w])", mended, text)


@functools.lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    for meant, slips in table("phrases.toml")["slips"].items():
        if word in slips.split():
            return str(meant)
    if len(word) < _SHORTEST - 1 or _is_word(word):
        return word
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    swapped = [f"{head}{tail[1]}{tail[0]}{tail[2:]}" for head, tail in cuts[:-2]]
    others = [
        f"{head}{letter}{tail[skipped:]}"  # left out, another in its place, one too few
        for head, tail in (cuts[1:] if len(word) >= _SHORTEST else ())
        for skipped, letters in ((1, ("", *string.ascii_lowercase)), (0, string.ascii_lowercase))
        for letter in letters
    ]
    for candidates in (swapped, others):
        known = sorted({it for it in candidates if _is_known(it)})
        if known:
            return known[0] if len({stem(it) for it in known}) == 1 else word
    return word


def _is_word(word: str) -> bool:
    one_of_them = word.removesuffix("s") if len(word) > _SHORTEST - 1 else word
    is_common = word in vocabulary() or one_of_them in vocabulary()
    return is_common or word in _surface() or stem(word) in lexicon().words


def _is_known(word: str) -> bool:
    """Whether the reader knows a word, in a form in which it is written."""
    is_form = word in vocabulary() and stem(word) in _stems()
    return word in _surface() or is_form


@once
def _surface() -> frozenset[str]:
    """The words of the lexicon and of all wordings, as they stand there."""
    texts = (wording.text for kind in all_kinds() for wording in kind.wordings)
    return spellings() | {word for text in texts for word in re.findall(r"[a-z]{3,}", text)}


@once
def _stems() -> frozenset[str]:
    return lexicon().words | frozenset(map(stem, _surface()))
