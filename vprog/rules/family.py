"""What a file of rules declares, and how those of this folder are found."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

from vprog.rules.draft import Draft
from vprog.rules.question_text import ParsedQuestion


@dataclass(frozen=True)
class RuleFamily:
    """A family of questions; a file declares its own in a last line `FAMILY = RuleFamily(...)`.

    Attributes:
        name: what a program of the family is filed under; several files may share it.
        rank: its turn: families are asked in rising order, and the first that accounts for every
            word of a question writes. No two have one rank; the steps of ten leave room between.
        write: a question's draft, or None if the family does not know it.
    """

    name: str
    rank: int
    write: Callable[[ParsedQuestion], Draft | None]


@functools.cache
def rule_families() -> tuple[RuleFamily, ...]:
    """Every family that a file of this folder declares, in the order of their ranks."""
    package = importlib.import_module(__package__)
    files = (
        importlib.import_module(f"{__package__}.{file.name}")
        for file in pkgutil.iter_modules(package.__path__)  # also from a zip file
    )
    declared = [file.FAMILY for file in files if hasattr(file, "FAMILY")]
    return tuple(sorted(declared, key=lambda family: family.rank))
