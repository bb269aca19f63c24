"""Which of several readings a question is nearest to by meaning.

Read only where words alone do not settle it. Where the embedder is not installed nothing is near,
and such a question has no reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from vprog.models.sentence_embedder import sentence_embedder
from vprog.rules.lexicon import lexicon, stem
from vprog.rules.match import Fit
from vprog.rules.times import IS_MARK
from vprog.rules.tokens import QUOTE_MARK

NEAR = 0.6
"""Likeness to one of its wordings from which a question is of a kind."""
AHEAD = 0.06
"""By how much less alike the wordings of every other kind must be."""
NEARER = -0.03
"""A question must be farther off without each word that nothing else accounts for: a word that the
wording does not mean leads away from it."""
N_READINGS = 80
"""So many of the readings that words speak for are compared."""
_EXAMPLES = {
    "colour": "red", "nth": "second", "quote": '"hello"', "word": "hello", "thing": "dog",
    "thing2": "cat", "someone": "woman", "side": "left", "number": "3", "length": "5 seconds",
    "options": "this or that",
}  # fmt: skip


def nearest(text: str, readings: Sequence[Fit]) -> Fit | None:
    """The reading whose wording means what a question says; None if none does, or several do.

    Words that the lexicon knows must be accounted for by the reading itself: what they mean is
    known, and nearness does not see a negation or the other end of a scale.
    """
    open_readings = [fit for fit in readings if not any(map(_is_known, fit.left))][:N_READINGS]
    embedder = sentence_embedder() if open_readings else None
    if embedder is None:
        return None
    shown = [_shown(fit) for fit in open_readings]
    vectors = embedder.embed([_plain(text), *dict.fromkeys(shown)])
    likeness = dict(zip(dict.fromkeys(shown), vectors[1:] @ vectors[0], strict=True))
    ranked = sorted(
        zip(open_readings, shown, strict=True), key=lambda pair: -float(likeness[pair[1]])
    )
    best, words = ranked[0]
    others = [
        float(likeness[wording])
        for fit, wording in ranked
        if (fit.kind.family, fit.kind.name) != (best.kind.family, best.kind.name)
    ]
    score = float(likeness[words])
    if score < NEAR or score - max(others, default=0.0) < AHEAD:
        return None
    # So does a word of the wording that the question does not say.
    shorter = [_plain(_without(text, left)) for left in best.left]
    less = [_without(words, needed) for needed in best.missing]
    vectors = embedder.embed([_plain(text), words, *shorter, *less])
    asked, named = vectors[0], vectors[1]
    without = [*(vectors[2 : 2 + len(shorter)] @ named), *(vectors[2 + len(shorter) :] @ asked)]
    return best if all(float(other) - score <= NEARER for other in without) else None


def _without(text: str, words: str) -> str:
    return re.sub(rf"\b{re.escape(words)}\b", " ", text)


def _is_known(words: str) -> bool:
    return any(stem(word) in lexicon().words for word in words.split())


def _shown(fit: Fit) -> str:
    """A wording with the question's own values in its slots."""
    return re.sub(r"\{(\w+)\}", lambda hit: _EXAMPLES.get(hit[1], hit[1]), fit.wording.text)


def _plain(text: str) -> str:
    """The question without its marks; values stand as they do in wordings."""
    words = [
        '"hello"' if QUOTE_MARK.fullmatch(word) else word
        for word in text.split()
        if not IS_MARK.fullmatch(word)
    ]
    return " ".join(words)
