"""What is wrong with a program, said to the one who wrote it.

The gate and the type check both report in these words; who shows them, and how a
language model is asked to repair, is left to prompt/.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vprog.errors import ProgramRejectedError

MAX_PROBLEMS = 8
"""The most problems that one refusal lists."""


class Problem(NamedTuple):
    """One reason to refuse a program: what is wrong, and what to write instead."""

    line: int
    message: str

    def text(self) -> str:
        """The problem in one line, e.g. `line 3: name "detct" is not defined.`"""
        return f"line {self.line}: {self.message}"


def rejection(problems: Sequence[Problem], *, by: str = "gate") -> ProgramRejectedError:
    """The error that lists problems, first lines first.

    Args:
        problems: at least one.
        by: which check refused: "gate" or "types".
    """
    ordered = sorted(set(problems))[:MAX_PROBLEMS]
    left = len(set(problems)) - len(ordered)
    lines = [problem.text() for problem in ordered]
    if left:
        lines.append(f"and {left} more.")
    what = "The program was refused" if by == "gate" else "The program does not fit its types"
    return ProgramRejectedError(
        f"{what}:\n" + "\n".join(lines),
        hint="Change these lines and submit the program again.",
        line=ordered[0].line,
        problems=ordered,
    )


def type_advice(message: str) -> str:
    """What to add to a message of the type check that does not say enough by itself."""
    if "function `answer`" in message and "found" in message:
        return (
            " answer takes a text, a number, a list of numbers or texts, a pair of times, or a "
            "Span; its evidence is a list."
        )
    return ""


MAX_NAME = 60
"""Characters of a name that may be a typing error of another; comparing costs their square."""


class Suggestions:
    """Names near to a wrong one, for as many names of a program as a refusal can list.

    Each costs a comparison with every known name: nine hundred unknown names beside nine
    hundred known ones would hold the host for seconds.
    """

    def __init__(self) -> None:
        self._left = MAX_PROBLEMS

    def near(self, name: str, known: Iterable[str]) -> str:
        """` Did you mean "detect"?`, or nothing when no known name is near."""
        if not self._left or len(name) > MAX_NAME:
            return ""
        self._left -= 1
        names = sorted(item for item in known if len(item) <= MAX_NAME)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
        return f' Did you mean "{near[0]}"?' if near else ""
