"""Which kind of question means the same as one that words alone do not settle.

Every known wording has a vector (`wording_vectors.npz`, made by `modules/make_weights`), a question
gets its own, and the kind whose wording is nearest is taken if every other kind is farther and what
the wording does not hold changes nothing. Vectors see neither a negation nor the other end of a
scale, so that words which limit a question must stand in both.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

from vprog.models.kept_vectors import kept_vectors
from vprog.models.sentence_embedder import sentence_embedder
from vprog.once import once
from vprog.rules.lexicon import lexicon, stem
from vprog.rules.match_kind import Fit, fit_of, is_told_apart
from vprog.rules.question_kinds import Kind, all_kinds
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.rule_data import table
from vprog.rules.times import IS_MARK
from vprog.rules.tokens import QuestionToken, asks_of, tokens_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VECTORS = "wording_vectors.npz"
_REMEDY = "python modules/make_weights/wording_vectors.py"
NEAR = 0.65
"""Likeness to one of its wordings from which a question is of a kind that its words fit too."""
SAME = 0.9
"""Likeness from which it is of the kind whatever other words it uses."""
AHEAD = 0.03
"""By how much less alike the wordings of every other kind must be."""
NEARER = 0.06
"""How much nearer the question may be without the words that the kind does not account for: a word
that is about something else leads away from the wording."""
NEARER_THING = -0.05
"""The same where a thing is named: what is said beside it ("a military plane") tells which one."""
HELD = 0.85
"""The share of a wording that a question must hold to fit it by words."""
MOST_LEFT = 3
"""Words that the kind does not account for, of a question that fits it by words."""
_ALIKE_IN_QUESTIONS = ("quote", "colour", "someone", "thing", "nth", "side", "length")
_THINGS = frozenset({"thing", "someone", "group"})
_LIMITING_VALUES = frozenset({"colour", "quote", "nth", "side", "number", "length"})


@dataclass(frozen=True)
class _Wordings:
    """Every wording that has a vector.

    Attributes:
        kinds: those that are asked for.
        starts: of each kind, the place of its first wording among all.
        vectors: of each wording, of length 1: (n, 384).
    """

    kinds: tuple[Kind, ...]
    starts: NDArray[np.int64]
    vectors: NDArray[np.float32]


def _asked_kinds() -> tuple[Kind, ...]:
    return tuple(kind for kind in all_kinds() if kind.answer != "event")


def shown_wordings() -> tuple[str, ...]:
    """The wordings of all kinds that are asked for, in order, as each is made a vector of."""
    return tuple(_shown(wording.text) for kind in _asked_kinds() for wording in kind.wordings)


@once
def _wordings() -> _Wordings:
    import numpy as np

    kinds = _asked_kinds()
    file = resources.files(__package__).joinpath(VECTORS)
    vectors = kept_vectors(file, shown_wordings(), _REMEDY)
    return _Wordings(kinds, np.cumsum([0, *(len(it.wordings) for it in kinds[:-1])]), vectors)


def nearest(question: ParsedQuestion, by_words: Sequence[Fit]) -> Fit | None:
    """The question read as of the kind whose wording means the same; None if there is no one.

    Args:
        question: its words and times, and what its video has and lacks.
        by_words: the kinds that its words fit, the best first.
    """
    import numpy as np

    embedder = sentence_embedder()
    if embedder is None:
        return None
    tokens = tokens_of(question.text)
    known = _wordings()
    likeness = known.vectors @ embedder.embed([_plain(tokens)])[0]
    of_kinds = np.maximum.reduceat(likeness, known.starts)
    may_be = (
        at
        for at in np.argsort(-of_kinds)
        if known.kinds[at].is_of(question.time_kind, question.given)
        and not known.kinds[at].excludes(question.text)
    )
    first, second = itertools.islice(may_be, 2)
    kind, score, start = known.kinds[first], float(of_kinds[first]), int(known.starts[first])
    if score < NEAR or score - float(of_kinds[second]) < AHEAD:
        return None
    own = slice(start, start + len(kind.wordings))
    for fit in by_words:
        if fit.kind.name != kind.name or fit.kind.family != kind.family or fit.share < HELD:
            continue
        if len(fit.left) > MOST_LEFT or any(map(_limits, fit.left)):
            continue
        shorter = embedder.embed([_plain(token for token in tokens if token.text not in fit.left)])
        nearer = NEARER_THING if fit.slots.keys() & _THINGS else NEARER
        if float((known.vectors[own] @ shorter[0]).max()) - score <= nearer:
            return fit
    wording = kind.wordings[int(likeness[own].argmax())]
    if score < SAME or _limiting(tokens) != _limiting(tokens_of(_shown(wording.text))):
        return None
    loose = replace(kind, needs=frozenset()), replace(wording, is_whole=False)
    same = fit_of(tokens, asks_of(tokens), *loose)
    return None if same is None or any(map(_limits, same.left)) else replace(same, kind=kind)


def _limits(words: str) -> bool:
    """Whether what is left over has a meaning for the reader, and may limit a question."""
    if any(token.slots for token in tokens_of(words, is_question=False)):
        return True
    singles = (stem(word) for word in words.split())
    return any(
        word in lexicon().limits or (is_told_apart(word) and word not in lexicon().beside)
        for word in singles
    )


def _limiting(tokens: Sequence[QuestionToken]) -> frozenset[str]:
    """What limits a question: its words that do, and the kinds of value that it names."""
    words = {meaning for token in tokens for meaning in token.meanings & lexicon().limits}
    values = {slot for token in tokens for slot in _LIMITING_VALUES & token.slots.keys()}
    return frozenset(words | values)


def _shown(wording: str) -> str:
    """A wording with values in its slots."""
    examples = table("phrases.toml")["examples"]
    text = re.sub(r"\{(\w+)\}", lambda hit: str(examples.get(hit[1], hit[1])), wording)
    return text.replace("[", "").replace("]", "")


def _plain(tokens: Iterable[QuestionToken]) -> str:
    """A question without the marks of times; its values are those of the wordings."""
    words = (_value(token) for token in tokens if not IS_MARK.fullmatch(token.text))
    return " ".join(word for word in words if word)


def _value(token: QuestionToken) -> str:
    slots = (slot for slot in _ALIKE_IN_QUESTIONS if slot in token.slots)
    slot = next(slots, "") if token.role != "function" else ""
    return str(table("phrases.toml")["examples"].get(slot, token.text))
