"""Which kind of question one is: its tokens compared with every known wording.

Where words do not settle it, the wording that is nearest by meaning is taken, if the embedder is
installed; without it such a question is of no kind.

No content word of a question is passed over. A word is accounted for by a slot, by a word of the
wording that means the same, or it is left over, and then the question is not of that kind.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vprog.models.sentence_embedder import sentence_embedder
from vprog.rules.lexicon import lexicon, stem
from vprog.rules.question_kinds import SLOT, Kind, TimeKind, Wording, all_kinds
from vprog.rules.times import IS_MARK
from vprog.rules.tokens import QUOTE_MARK, QuestionToken, asks_of

LEAST = 0.7
"""The share of a wording that a question must hold to be read as of its kind."""
MOST_OF_A_KIND = 4
"""So many wordings of one kind are compared with those of others."""
_ASK_WEIGHT = 0.6
_SAME_WORD = 0.05
"""The very word of a wording counts more than another one that means the same."""
_SLOT_WEIGHT = 0.9
"""A word of its own counts more than a value: "black" as such before a colour among others."""
_WORD_WEIGHT = 0.8
"""Words that nothing explains count less: "chapter two" before a chapter of that name."""


@dataclass(frozen=True)
class Fit:
    """A question read as one of a kind.

    Attributes:
        kind: the kind.
        wording: the wording of it that is nearest.
        slots: the values of the wording's slots.
        share: how much of the wording the question holds, 0 to 1.
        matched: how many of its words.
        left: the words of the question that are not accounted for.
        missing: the words of the wording that the question does not hold.
    """

    kind: Kind
    wording: Wording
    slots: Mapping[str, str]
    share: float
    matched: float
    left: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, float, float]:
        """Larger is better."""
        return (-len(self.left), round(self.share, 3), self.matched)


@functools.cache
def _index() -> Mapping[str, tuple[tuple[Kind, Wording], ...]]:
    """For each meaning and slot, the wordings that need it."""
    index: dict[str, list[tuple[Kind, Wording]]] = defaultdict(list)
    for kind in all_kinds():
        for wording in kind.wordings:
            keys = {meaning for token in wording.needed for meaning in token.meanings}
            if wording.asks == {"#how long"}:  # "how long": its ask may be all that it says
                keys = keys or {""}
            for key in keys:
                index[key].append((kind, wording))
    return {key: tuple(found) for key, found in index.items()}


def fits(
    tokens: Sequence[QuestionToken],
    time: TimeKind,
    given: frozenset[str],
    *,
    events: bool = False,
) -> list[Fit]:
    """Every kind of which a question fills the slots, by a few wordings each, the best first.

    Args:
        tokens: of the question.
        time: which times it names.
        given: what the video has, and what it lacks.
        events: whether they name an event, which is part of a question.
    """
    keys = {meaning for token in tokens for meaning in token.meanings}
    keys |= {f"{{{slot}}}" for token in tokens for slot in token.slots} | {"{word}", ""}
    index = _index()
    candidates = {
        (kind.family, kind.name, wording.text, wording.side): (kind, wording)
        for key in keys
        for kind, wording in index.get(key, ())
        if time in kind.times and kind.given <= given and (kind.answer == "event") == events
    }
    asks = asks_of(tokens)
    found = [_fit(tokens, asks, kind, wording) for kind, wording in candidates.values()]
    ranked = sorted(
        (fit for fit in found if fit is not None), key=lambda fit: fit.rank, reverse=True
    )
    n_of_kind: Counter[tuple[str, str]] = Counter()
    kept: list[Fit] = []
    for fit in ranked:  # many wordings of one kind must not crowd out its rivals
        kind_name = (fit.kind.family, fit.kind.name)
        n_of_kind[kind_name] += 1
        if n_of_kind[kind_name] <= MOST_OF_A_KIND:
            kept.append(fit)
    return kept


def _fit(
    tokens: Sequence[QuestionToken],
    asks: frozenset[str],
    kind: Kind,
    wording: Wording,
) -> Fit | None:
    if kind.needs and not any(kind.needs & token.meanings for token in tokens):
        return None
    if "#where" in wording.asks:  # a place in the picture is one of the places
        asks = frozenset("#where" if ask == "#which place" else ask for ask in asks)
    if asks and asks != wording.asks:
        return None
    if any(token.meanings & kind.unless for token in tokens):
        return None
    essential = lexicon().essential
    # What a free word is shows only from all words beside it.
    is_whole = wording.is_whole or wording.asks == {"#what"} or "{word}" in wording.text
    used: set[int] = set()
    slots: dict[str, str] = {}
    weight = matched = same = 0.0
    missing: list[str] = []
    for needed in wording.needed:
        slot = SLOT.fullmatch(needed.text)
        weight += _weight(slot)
        at = next(
            (
                at
                for at, token in enumerate(tokens)
                if at not in used
                and (slot[1] in token.slots if slot else needed.meanings & token.meanings)
            ),
            None,
        )
        if slot and slot[1] == "word":
            continue
        if at is None:
            if slot or is_whole or needed.meanings & essential:
                return None
            missing.append(needed.text)
            continue
        used.add(at)
        matched += _weight(slot)
        if not slot and stem(needed.text) == stem(tokens[at].text):
            same += _SAME_WORD
        if slot:
            slots[_free_name(slot[1], slots)] = tokens[at].slots[slot[1]]
    if "{word}" in wording.text:
        word = _free_words(tokens, used, kind)
        if not word:
            return None
        slots["word"] = " ".join(tokens[at].text for at in word)
        used.update(word)
        matched += _WORD_WEIGHT
    if asks or wording.asks:
        # "any fades?", "black at 5 s?": what only names a thing asks whether it is there.
        ask_weight = _ASK_WEIGHT if asks or wording.asks != {"#yes or no"} else _ASK_WEIGHT / 2
        weight += ask_weight
        matched += ask_weight * (asks == wording.asks)
    known = {meaning for needed in wording.needed for meaning in needed.meanings} | kind.also
    left = tuple(
        token.text
        for at, token in enumerate(tokens)
        if at not in used and token.role == "content" and not token.meanings & known
    )
    return Fit(
        kind=kind,
        wording=wording,
        slots=slots,
        share=matched / weight if weight else 0.0,
        matched=matched + same,
        left=left,
        missing=tuple(missing),
    )


def _weight(slot: re.Match[str] | None) -> float:
    return 1.0 if slot is None else _WORD_WEIGHT if slot[1] == "word" else _SLOT_WEIGHT


def _free_name(slot: str, slots: Mapping[str, str]) -> str:
    """The second value of a kind is called e.g. `label2`."""
    return slot if slot not in slots else f"{slot}2"


def _free_words(tokens: Sequence[QuestionToken], used: set[int], kind: Kind) -> list[int]:
    """The run of words that nothing else accounts for."""
    free = [
        at
        for at, token in enumerate(tokens)
        if at not in used and token.role == "content" and not token.meanings & kind.also
    ]
    if any(tokens[at].slots.keys() & {"quote", "options"} for at in free):
        return []
    if any(at > 0 and tokens[at - 1].text in _OF_WHAT_KIND for at in free):
        return []  # "something sarcastic": how it is, no word that is said
    if kind.is_plain_word and any(_is_known(tokens[at].text) for at in free):
        return []
    return free if free and free[-1] - free[0] == len(free) - 1 else []


_OF_WHAT_KIND = frozenset({"something", "anything", "someone", "anyone", "how", "so", "too"})


def _is_known(text: str) -> bool:
    return any(stem(word) in lexicon().words for word in text.split())


NEAR = 0.6
"""Likeness to one of its wordings from which a question is of a kind."""
AHEAD = 0.06
"""By how much less alike the wordings of every other kind must be."""
NEARER = -0.02
"""How much nearer a question may be without a word that nothing else accounts for: a word that the
wording does not mean leads away from it."""
NEARER_THING = -0.05
"""The same where a thing is named: what is said beside it ("with the hat") tells which one."""
_THINGS = frozenset({"thing", "someone", "group"})
N_READINGS = 80
"""So many of the interpretations that words speak for are compared."""
_EXAMPLES = {
    "colour": "red", "nth": "second", "quote": '"hello"', "word": "hello", "thing": "dog",
    "thing2": "cat", "someone": "woman", "side": "left", "number": "3", "length": "5 seconds",
    "options": "this or that",
}  # fmt: skip


def nearest(text: str, readings: Sequence[Fit]) -> Fit | None:
    """The interpretation whose wording means what a question says; None if there is no one.

    Words that the lexicon knows must be accounted for by the interpretation itself: what they
    mean is known, and likeness does not see a negation or the other end of a scale. Those that
    stand beside what is asked ("which", "counted") are the exception.
    """
    open_readings = [fit for fit in readings if not any(map(_limits, fit.left))][:N_READINGS]
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
    nearer = NEARER_THING if best.slots.keys() & _THINGS else NEARER
    if score < NEAR or score - max(others, default=0.0) < AHEAD:
        return None
    # What a wording says beyond the question tells its kind from others: a "new shot", a "pause".
    light, beside = lexicon().light, lexicon().beside
    if any(stem(word) not in light for needed in best.missing for word in needed.split()):
        return None
    shorter = [_plain(_without(text, left)) for left in best.left if stem(left) not in beside]
    vectors = embedder.embed([words, *shorter])
    without = vectors[1:] @ vectors[0]
    return best if all(float(other) - score <= nearer for other in without) else None


def _without(text: str, words: str) -> str:
    return re.sub(rf"\b{re.escape(words)}\b", " ", text)


def _limits(words: str) -> bool:
    """Whether a word is left over that has a meaning for the reader, and may limit a question."""
    known, beside = lexicon().words, lexicon().beside
    return any(
        (stem(word) in known or stem(word) in _index()) and stem(word) not in beside
        for word in words.split()
    )


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
