"""What a field is, what may come of one attack, and how many of each are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["survived", "wrong", "crashed", "hung", "leaked"]


@dataclass(frozen=True)
class Attack:
    """One hostile input.

    Attributes:
        name: what it is, with what is needed to make it again (kind and number).
        attempt: tries it; returns the verdict and, unless it survived, what was seen.
    """

    name: str
    attempt: Callable[[], tuple[Verdict, str]]


@dataclass(frozen=True)
class Field:
    """A kind of hostile input: a file of this folder that ends with `FIELD = Field(...)`.

    Attributes:
        title: the row's name in the README.
        attacks: the generator: from a seed and a count, always the same attacks.
        usual: how many the long run makes.
    """

    title: str
    attacks: Callable[[int, int], Iterator[Attack]]
    usual: int


@dataclass
class Tally:
    """How often each verdict came, and the attacks that did not survive."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def attempt(self, attack: Attack) -> None:
        """Tries one attack and counts it; an exception that escapes is a crash."""
        try:
            verdict, seen = attack.attempt()
        except Exception as exc:
            verdict, seen = "crashed", f"{type(exc).__name__}: {exc}"
        self.verdicts[verdict] += 1
        if verdict != "survived":
            self.findings.append(f"{attack.name}: {verdict}: {seen}"[:400])


def run_field(tested: Field, *, seed: int, count: int) -> Tally:
    """Tries `count` attacks of a field, one after the other."""
    tally = Tally()
    for attack in tested.attacks(seed, count):
        tally.attempt(attack)
    return tally
