"""What a score is made of, and what it is worth.

    tokens    how probable its words were to the VLM
    evidence  the lowest score among the pieces of evidence that an answer names
    support   1 if modules of the run support all of that evidence, 0 if a piece is made up:
              beside nine true pieces, what the answer rests on may be the tenth
    denial    how often such an answer is right that something is not there, or how many there
              are: how well the modules called find such things (vprog/execute/denial.py); not
              where a reply that it names says the same
    named     0.5 for a count that names nothing of what it counts
    votes     the share of the weight that the answer got where several were counted
    reliability  of the results that the evidence comes from, where a strategy weighs them
    meaning   how often a question is understood that the rules read by the likeness of its meaning
    read      the share of the videos that could be read, where less than all was and the answer
              rests on all: "no", a count, a length, "the last"

The score is the product of the parts that there are. It says which of two answers to trust
more, and is no probability: `confidence` is one, read off the map that `vprog calibrate`
fitted on questions with known answers, and None until then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vprog.execute.cell_outcome import Outcome

UNNAMED = 0.5
"""What a count is worth that names nothing of what it counts: how well a module counts says little
of a program that may add or leave out."""

MOST_READ = 0.9
"""The most that `read` is where anything is lost: what little is missing may be what was asked."""

BY_MEANING = 0.7
"""What an answer to such a question is worth. Of 1,632 wordings by people who had not read the
rules (benchmarks/wordings.jsonl) 9 are understood so, 8 of them as they were meant: too few for
more."""

ABSENT = frozenset({"no", "never", "none", "nothing", "nobody", "no one", "false", "0"})
"""Answers that say that something is not there."""


@dataclass(frozen=True)
class Score:
    """A score in [0, 1] with its parts, in the order above; None where there are none."""

    value: float | None
    parts: dict[str, float]


def score_outcome(
    outcome: Outcome,
    *,
    is_fast: bool,
    votes: float | None = None,
    reliability: float | None = None,
    unread: float = 0.0,
    is_about_all: bool = False,
    by_meaning: bool = False,
) -> Score:
    """The score of an answer.

    Args:
        outcome: the cell that answered.
        is_fast: whether the answer is what the VLM replied.
        votes: the share that it won, where there was a vote.
        reliability: of what its evidence comes from, where that was estimated.
        unread: the share of the videos that is known not to be read.
        is_about_all: whether the question compares all that is there, as "the last" does.
        by_meaning: whether the rules read the question by the likeness of its meaning.
    """
    parts: dict[str, float] = {}
    if outcome.score is not None:
        parts["tokens" if is_fast else "evidence"] = _unit(outcome.score)
    if outcome.evidence and not is_fast:
        parts["support"] = float(all(item.supported for item in outcome.evidence))
    if outcome.denial is not None and not is_fast:
        parts["denial"] = _unit(outcome.denial)
        if not outcome.evidence and type(outcome.value) is int and outcome.value > 0:
            parts["named"] = UNNAMED
    if votes is not None:
        parts["votes"] = _unit(votes)
    if reliability is not None:
        parts["reliability"] = _unit(reliability)
    if by_meaning and parts:
        parts["meaning"] = BY_MEANING
    if unread > 0 and (is_about_all or rests_on_all(outcome)):
        parts["read"] = min(MOST_READ, 1.0 - _unit(unread))
    # Support alone is no score: it says where an answer comes from, not how sure that is.
    scored = [part for name, part in parts.items() if name != "support"]
    value = round(math.prod(parts.values()), 6) if scored else None
    return Score(value, {name: round(part, 6) for name, part in parts.items()})


def rests_on_all(outcome: Outcome) -> bool:
    """Whether an answer would be another one if more were there: an absence, a count, a length.

    What is found stays found; a number that points at something, such as a time, is found.
    """
    value = outcome.value
    if isinstance(value, str):
        return value.strip().lower() in ABSENT
    if isinstance(value, bool | int):
        return value is not True
    return not outcome.evidence if isinstance(value, float) else value in ([], ())


def share_of(weights: Sequence[tuple[bool, float]]) -> float | None:
    """The share of the weight that the winners have; of their number where all weigh nothing."""
    total = math.fsum(weight for _, weight in weights)
    if not weights:
        return None
    if not total:
        return sum(won for won, _ in weights) / len(weights)
    return math.fsum(weight for won, weight in weights if won) / total


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
