"""Arms: the same cases asked under another condition, to see what their answers come from.

TVBench's controls (text only, one frame, shuffled, reversed) change what is seen of the video;
the two of contamination change the options, so that a model that knows the benchmark by heart
and does not look gives itself away. An arm is answered by whatever answers the cases.

Source: TVBench, arXiv:2410.07752; the options as in studies of contaminated text benchmarks.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from vprog.errors import UsageError
from vprog.evaluation.case import Case

TEXT_ONLY, ONE_FRAME, SHUFFLED, REVERSED = "text_only", "one_frame", "shuffled", "reversed"
OPTIONS_SHUFFLED, NONE_OF_THESE = "options_shuffled", "none_of_these"

NONE_TEXT = "None of these"
_SAYS_NONE = ("none of", "all of", "both ")
"""How options begin that speak of the others: they are not moved or taken away."""


@dataclass(frozen=True)
class Arm:
    """One condition.

    Attributes:
        what: in words.
        shown: the setting of this name.
        change: the case as it is asked; None where that makes no sense.
    """

    name: str
    what: str
    shown: str = "all"
    change: Callable[[Case], Case | None] = lambda case: case


def _options_shuffled(case: Case) -> Case | None:
    right = _one_right(case)
    if right is None:
        return None
    choices = list(case.choices)
    Random(f"{case.id}/{case.question}").shuffle(choices)
    if choices == list(case.choices):
        choices = [*choices[1:], choices[0]]
    return replace(case, choices=tuple(choices), answer=right)


def _none_of_these(case: Case) -> Case | None:
    right = _one_right(case)
    if right is None:
        return None
    choices = tuple(NONE_TEXT if choice == right else choice for choice in case.choices)
    return replace(case, choices=choices, answer=NONE_TEXT)


def _one_right(case: Case) -> str | None:
    """The text of the one right option, where the others do not speak of it."""
    places = case.right_choices
    if len(places) != 1 or len(set(case.choices)) < len(case.choices) or len(case.choices) < 2:
        return None
    if any(choice.strip().lower().startswith(_SAYS_NONE) for choice in case.choices):
        return None
    return case.choices[min(places)]


ARMS: dict[str, Arm] = {
    arm.name: arm
    for arm in (
        Arm(TEXT_ONLY, "neither picture nor sound", "none"),
        Arm(ONE_FRAME, "the picture in the middle alone", "still"),
        Arm(SHUFFLED, "the pictures shuffled", "shuffled"),
        Arm(REVERSED, "the pictures backwards", "reversed"),
        Arm(OPTIONS_SHUFFLED, "the options in another order", change=_options_shuffled),
        Arm(NONE_OF_THESE, f'"{NONE_TEXT}" in place of the right option', change=_none_of_these),
    )
}


def find_arms(names: str) -> list[Arm]:
    """The arms of a list such as "text_only,reversed", or "all".

    Raises:
        UsageError: there is none of a name.
    """
    if names.strip() == "all":
        return list(ARMS.values())
    found: list[Arm] = []
    for name in (name.strip() for name in names.split(",")):
        if name not in ARMS:
            near = difflib.get_close_matches(name, ARMS, n=1)
            guess = f' Did you mean "{near[0]}"?' if near else ""
            raise UsageError(f'no arm "{name}".{guess}', hint=f"There are: {', '.join(ARMS)}, all.")
        if ARMS[name] not in found:
            found.append(ARMS[name])
    return found


def cases_of_arm(arm: Arm, cases: Sequence[Case]) -> list[Case]:
    """The cases that an arm makes sense of, as it asks them."""
    changed = (arm.change(case) for case in cases)
    return [case for case in changed if case is not None]
