"""Arms: the same cases asked under another condition, to see what their answers come from.

TVBench's controls (text only, one frame, shuffled, reversed) change what is seen of the video;
the two of contamination change the options, so that a model that knows the benchmark by heart
and does not look gives itself away. An arm is answered by whatever answers the cases.

Source: TVBench, arXiv:2410.07752; the options as in studies of contaminated text benchmarks.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from vprog.errors import UsageError
from vprog.evaluation.case import Case
from vprog.evaluation.option_order import movable_places, option_labels, says_none

TEXT_ONLY, ONE_FRAME, SHUFFLED, REVERSED = "text_only", "one_frame", "shuffled", "reversed"
OPTIONS_SHUFFLED, NONE_OF_THESE = "options_shuffled", "none_of_these"

NONE_TEXT = "None of these"


@dataclass(frozen=True)
class Arm:
    """One condition.

    Attributes:
        what: in words.
        shown: the setting of this name.
        change: the case as it is asked, or why it cannot be asked so.
    """

    name: str
    what: str
    shown: str = "all"
    change: Callable[[Case], Case | str] = lambda case: case


@dataclass(frozen=True)
class ArmCases:
    """What an arm asks.

    Attributes:
        asked: the cases that it makes sense of, as it asks them.
        left_out: how many others there are, by why.
    """

    asked: list[Case]
    left_out: dict[str, int]

    def said(self) -> str:
        """What was left out, in words; "" where nothing was."""
        return "; ".join(f"{n} left out: {why}" for why, n in self.left_out.items())


def _options_shuffled(case: Case) -> Case | str:
    right = _right_place(case)
    if isinstance(right, str):
        return right
    labels, texts = option_labels(case.choices)
    places = movable_places(labels, texts)
    if isinstance(places, str):
        return places
    if len(places) < 2:
        return "fewer than two options can change places"
    order = list(places)
    Random(f"{case.id}/{case.question}").shuffle(order)
    if order == places:
        order = [*places[1:], places[0]]
    # A label stays where it is: what was behind it goes behind another.
    moved = dict(zip(places, order, strict=True))
    choices = tuple(
        f"{label}{texts[moved.get(place, place)]}" for place, label in enumerate(labels)
    )
    after = {old: new for new, old in moved.items()}.get(right, right)
    return replace(case, choices=choices, answer=choices[after])


def _none_of_these(case: Case) -> Case | str:
    right = _right_place(case)
    if isinstance(right, str):
        return right
    labels, texts = option_labels(case.choices)
    places = movable_places(labels, texts)
    if isinstance(places, str):
        return places
    if right not in places or any(map(says_none, texts)):
        return "an option says already that none or all of them are right"
    answer = f"{labels[right]}{NONE_TEXT}"
    choices = tuple(answer if place == right else text for place, text in enumerate(case.choices))
    return replace(case, choices=choices, answer=answer)


def _right_place(case: Case) -> int | str:
    """Where the one right option stands, or why there is none such."""
    if len(case.choices) < 2:
        return "no options to choose from"
    _, texts = option_labels(case.choices)
    if len(case.right_choices) != 1 or len(set(texts)) < len(texts):
        return "not one right option, or options that are equal"
    return min(case.right_choices)


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


def cases_of_arm(arm: Arm, cases: Sequence[Case]) -> ArmCases:
    """The cases that an arm makes sense of, as it asks them, and how many it leaves out."""
    changed = [arm.change(case) for case in cases]
    why = Counter(reason for reason in changed if isinstance(reason, str))
    return ArmCases([case for case in changed if isinstance(case, Case)], dict(why.most_common()))
