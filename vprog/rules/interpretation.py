"""What the rule writer hands back: a program, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RuleProgram:
    """A program for a question.

    Attributes:
        program: the whole text, ready for the gate.
        family: the family of rules that wrote it, e.g. "shots".
        reading: one sentence: how the question was understood.
        by_meaning: whether its words did not settle that, and the kind was taken whose wordings
            are nearest in meaning.
    """

    program: str
    family: str
    reading: str
    by_meaning: bool = False


@dataclass(frozen=True)
class Unanswerable:
    """No rule carries the question.

    Attributes:
        reason: one sentence for the person who asked.
        missing: task names, or what a model would have to be able to do.
        command: what adds it, "" if nothing would.
    """

    reason: str
    missing: tuple[str, ...] = ()
    command: str = ""
