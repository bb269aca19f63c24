"""Which kind of question one is: its tokens compared with every known wording.

No content word of a question is passed over. A word is accounted for by a slot, by a word of the
wording that means the same, or it is left over, and then the question is not of that kind.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vprog.once import once
from vprog.rules.lexicon import lexicon, stem
from vprog.rules.question_kinds import SLOT, Kind, Wording, all_kinds
from vprog.rules.question_text import ParsedQuestion
from vprog.rules.rule_data import pattern
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
    """

    kind: Kind
    wording: Wording
    slots: Mapping[str, str]
    share: float
    matched: float
    left: tuple[str, ...]

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
def _wordings(*, events: bool) -> tuple[tuple[Kind, Wording], ...]:
    """Every wording of what is asked for, or of what is a part of a question."""
    return tuple(
        (kind, wording)
        for kind in all_kinds()
        if (kind.answer == "event") == events
        for wording in kind.wordings
    )


@once
def _index(*, events: bool) -> Mapping[tuple[str, frozenset[str]], Sequence[int]]:
    """For each meaning and slot, with what is asked for, or nothing, the wordings that need it."""
    index: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
    for place, (_, wording) in enumerate(_wordings(events=events)):
        keys = {meaning for token in wording.needed for meaning in token.meanings}
        if wording.asks == {"#how long"}:  # "how long": its ask may be all that it says
            keys = keys or {""}
        for asks in {wording.asks, frozenset[str]()}:
            for key in keys:
                index[key, asks].append(place)
    return index


def fits(
    tokens: Sequence[QuestionToken], question: ParsedQuestion, *, events: bool = False
) -> list[Fit]:
    """Every kind of which a question fills the slots, by a few wordings each, the best first.

    Args:
        tokens: of the question, or of a part of it.
        question: which times it names, and what its video has and lacks.
        events: whether the tokens name an event, which is part of a question.
    """
    keys = {meaning for token in tokens for meaning in token.meanings}
    keys |= {f"{{{slot}}}" for token in tokens for slot in token.slots} | {"{word}", ""}
    asks = asks_of(tokens)
    index, wordings = _index(events=events), _wordings(events=events)
    ways = {asks, _where(asks)}
    places = sorted({at for key in keys for way in ways for at in index.get((key, way), ())})
    found = [
        fit
        for kind, wording in map(wordings.__getitem__, places)
        if kind.is_of(question.time_kind, question.given)
        and (fit := fit_of(tokens, asks, kind, wording)) is not None
    ]
    kept = [  # many of one kind must not crowd out its rivals
        fit
        for _, of_a_kind in itertools.groupby(found, key=lambda fit: id(fit.kind))
        for fit in heapq.nlargest(MOST_OF_A_KIND, of_a_kind, key=lambda fit: fit.rank)
    ]
    return sorted(kept, key=lambda fit: fit.rank, reverse=True)


def _where(asks: frozenset[str]) -> frozenset[str]:
    """What is asked for, a place in the picture as one of the places."""
    return frozenset("#where" if ask == "#which place" else ask for ask in asks)


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
    if asks and wording.asks != (_where(asks) if "#where" in wording.asks else asks):
        return None
    if kind.needs and not any(kind.needs & token.meanings for token in tokens):
        return None
    if kind.unless and any(token.meanings & kind.unless for token in tokens):
        return None
    has_word = "{word}" in wording.text
    # What a free word is shows only from all words beside it.
    is_whole = wording.is_whole or wording.asks == {"#what"} or has_word
    used: set[int] = set()
    slots: dict[str, str] = {}
    weight = matched = same = 0.0
    n_own = n_missing = 0
    for needed in wording.needed:
        slot = _slot_of(needed.text)
        worth = _WORD_WEIGHT if slot == "word" else _SLOT_WEIGHT if slot else 1.0
        weight += worth
        if slot == "word":
            continue
        n_own += not slot
        for at, token in enumerate(tokens):
            holds = slot in token.slots if slot else needed.meanings & token.meanings
            if holds and at not in used:
                break
        else:
            if slot or is_whole or needed.meanings & lexicon().essential:
                return None
            n_missing += 1
            continue
        used.add(at)
        matched += worth
        if slot:  # the second value of a kind is called e.g. `label2`
            slots[slot if slot not in slots else f"{slot}2"] = token.slots[slot]
        elif stem(needed.text) == stem(token.text):
            same += _SAME_WORD
    if has_word:
        word = _free_words(tokens, used, kind)
        if not word:
            return None
        slots["word"] = " ".join(tokens[at].text for at in word)
        used.update(word)
        matched += _WORD_WEIGHT
    if "options" in slots and 0 < n_own == n_missing:
        return None  # options alone are of no kind
    if wording.asks:
        # "any fades?", "black at 5 s?": what only names a thing asks whether it is there.
        ask_weight = _ASK_WEIGHT if asks or wording.asks != {"#yes or no"} else _ASK_WEIGHT / 2
        weight += ask_weight
        matched += ask_weight if asks else 0.0
    known = kind.also.union(*(needed.meanings for needed in wording.needed))
    left = tuple(
        token.text
        for at, token in enumerate(tokens)
        if at not in used and token.role == "content" and not token.meanings & known
    )
    return Fit(kind, wording, slots, matched / weight if weight else 0.0, matched + same, left)


@functools.cache
def _slot_of(text: str) -> str:
    """The slot that a word of a wording is, or ""."""
    slot = SLOT.fullmatch(text)
    return slot[1] if slot else ""


def _free_words(tokens: Sequence[QuestionToken], used: set[int], kind: Kind) -> list[int]:
    """The run of words that nothing else accounts for; none where they are no word that is said."""
    free = [
        at
        for at, token in enumerate(tokens)
        if at not in used and token.role == "content" and not token.meanings & kind.also
    ]
    if not free or free[-1] - free[0] != len(free) - 1:
        return []
    known = lexicon()
    is_other = any(
        tokens[at].slots.keys() & {"quote", "options"}
        or (at > 0 and pattern("of_what_kind").fullmatch(tokens[at - 1].text))
        or tokens[at].meanings & known.essential  # "with the most words"
        or (kind.is_plain_word and any(stem(it) in known.words for it in tokens[at].text.split()))
        for at in free
    )
    before = next((it.text for it in reversed(tokens[: free[0]]) if it.text not in _ARTICLES), "")
    if is_other or pattern("no_word_after").fullmatch(before) or _is_verb(tokens, free[0]):
        return []
    return free


def _is_verb(tokens: Sequence[QuestionToken], at: int) -> bool:
    """Whether a word is what the subject of a question does: "does the talk contradict ..."."""
    asks_do = any(token.text in ("do", "does", "did") for token in tokens[:2])
    if not asks_do or at < 2 or "word" in tokens[at - 1].meanings:
        return False
    return tokens[at - 2].text in (*_ARTICLES, "this", "his", "her", "their")


_ARTICLES = ("a", "an", "the")
