"""What can be had without looking: the bar that a result must clear.

majority     the one constant answer that is right most often
text only    the one constant answer that is right most often for the words of a question, numbers
             aside: who knows from them how a benchmark was made. Of words that come once nothing
             can be learned: there the constant of all counts.

Both are fitted on the same cases, so that they are upper bounds.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vprog.evaluation.case import AllOf, AnyOf, Case, Cited, InOrder
from vprog.evaluation.judge import folded

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class GuessedCase(NamedTuple):
    """A case, as who does not look sees it.

    Attributes:
        words: what it has in common with others: its template, else its question without numbers.
        right: the constant answers that are right, options by text and by letter.
    """

    words: str
    right: frozenset[str]


class Baselines(NamedTuple):
    """How many cases each gets right."""

    majority: int
    text_only: int


def guessed_case(case: Case) -> GuessedCase:
    """What can be guessed of a case."""
    words = case.groups.get("template") or _NUMBER.sub("#", folded(case.question))
    if case.choices:
        places = case.right_choices
        letters = {f"option {place + 1}" for place in places}
        return GuessedCase(words, frozenset(letters | {folded(case.choices[p]) for p in places}))
    return GuessedCase(words, frozenset(_constants(case)))


def guess(cases: Sequence[GuessedCase]) -> Baselines:
    """The baselines over some cases."""
    most, constant = _most_right(cases)
    by_words: defaultdict[str, list[GuessedCase]] = defaultdict(list)
    for case in cases:
        by_words[case.words].append(case)
    text_only = sum(
        _most_right(some)[0] if len(some) > 1 else constant in some[0].right
        for some in by_words.values()
    )
    return Baselines(most, text_only)


def _most_right(cases: Iterable[GuessedCase]) -> tuple[int, str]:
    """How many cases the best constant gets right, and which that is."""
    counts = Counter(constant for case in cases for constant in sorted(case.right))
    return max(((count, constant) for constant, count in counts.items()), default=(0, ""))


def _constants(case: Case) -> Iterable[str]:
    match case.answer:
        case None:
            return ["(abstain)"]
        case Cited():
            return []  # no constant cites
        case AnyOf(any_of=options):
            return [_constant(option) for option in options]
        case AllOf(all_of=items):
            return [" + ".join(sorted(map(_constant, items)))]
        case InOrder(in_order=items):
            return [" > ".join(map(_constant, items))]
        case list() as options if all(isinstance(option, str) for option in options):
            return [_constant(option) for option in options]
    return [_constant(case.answer)]


def _constant(answer: object) -> str:
    if isinstance(answer, int | float):
        return f"{float(answer):g}"
    return folded(answer) if isinstance(answer, str) else str(answer)
