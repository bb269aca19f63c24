"""Which kind of question one is: its tokens compared with every known wording.

No content word of a question is passed over. A word is accounted for by a slot, by a word of the
wording that means the same, or it is left over, and then the question is not of that kind.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vprog.once import once
from vprog.rules.lexicon import lexicon, stem
from vprog.rules.question_kinds import SLOT, Kind, TimeKind, Wording, all_kinds
from vprog.rules.tokens import QuestionToken, asks_of

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


def is_told_apart(word: str) -> bool:
    """Whether a word has a meaning here: in the table of words, or in wordings of kinds."""
    known = stem(word)
    return (known in lexicon().words and known not in lexicon().function) or known in _own_words()


@once
def _own_words() -> frozenset[str]:
    """The meanings in wordings that need not be held whole: those that came with the kinds."""
    wordings = (it for kind in all_kinds() for it in kind.wordings if not it.is_whole)
    return frozenset(
        meaning for wording in wordings for token in wording.needed for meaning in token.meanings
    )


@once
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
    found = [fit_of(tokens, asks, kind, wording) for kind, wording in candidates.values()]
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


def fit_of(
    tokens: Sequence[QuestionToken],
    asks: frozenset[str],
    kind: Kind,
    wording: Wording,
) -> Fit | None:
    """A question as it fits one wording; None if that needs what the question does not hold.

    Args:
        tokens: of the question.
        asks: the kinds of answer that it asks for.
        kind: the wording's kind.
        wording: a way to ask.
    """
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
    own_words = [needed.text for needed in wording.needed if not SLOT.fullmatch(needed.text)]
    if "options" in slots and own_words and own_words == missing:
        return None  # options alone are of no kind
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
    if free and _before(tokens, free[0]) in _NO_WORD_AFTER:
        return []  # "through a megaphone", "that covers her face"
    if free and _is_verb(tokens, free[0]):
        return []  # "does the talk contradict what is shown"
    if any(tokens[at].meanings & lexicon().essential for at in free):
        return []  # "with the most words"
    if kind.is_plain_word and any(_is_known(tokens[at].text) for at in free):
        return []
    return free if free and free[-1] - free[0] == len(free) - 1 else []


def _before(tokens: Sequence[QuestionToken], at: int) -> str:
    """The word before a place, articles left out."""
    earlier = (token.text for token in reversed(tokens[:at]) if token.text not in _ARTICLES)
    return next(earlier, "")


def _is_verb(tokens: Sequence[QuestionToken], at: int) -> bool:
    """Whether a word is what the subject of a question does: "does the talk contradict ..."."""
    asks_do = any(token.text in ("do", "does", "did") for token in tokens[:2])
    if not asks_do or at < 2 or "word" in tokens[at - 1].meanings:
        return False
    return tokens[at - 2].text in (*_ARTICLES, "this", "his", "her", "their")


_ARTICLES = frozenset({"a", "an", "the"})
_NO_WORD_AFTER = frozenset(
    {"with", "without", "through", "by", "via", "into", "like", "from", "that", "which"}
)
_OF_WHAT_KIND = frozenset({"something", "anything", "someone", "anyone", "how", "so", "too"})


def _is_known(text: str) -> bool:
    return any(stem(word) in lexicon().words for word in text.split())
