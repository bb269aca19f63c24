"""Arms: the same cases asked under another condition, to see what their answers come from.

TVBench's controls (text only, one frame, shuffled, reversed) change what is seen of the video, as
do Black Swan's (before alone, before and after); T3's twin tells the same events in words, so that
what is left is reasoning alone; told beside the video, as VideoEspresso's gold evidence is, they
leave no perception to be missed. Two change the options, so that a model that knows a benchmark by
heart and does not look gives itself away. An arm is answered by whatever answers the cases.

Options may be lettered in their own text ("A. red"): the label belongs to the place, and what is
behind it to the option. Some speak of others: by letter ("Both A and B"), then no option may move;
or of all of them ("None of the above", "All of these"), then they stay, and "above" must be last.

Source: TVBench, arXiv:2410.07752; Black Swan, arXiv:2412.05725; Temporal Reasoning Transfer (T3),
arXiv:2410.06166; VideoEspresso, arXiv:2411.14794; the options as in studies of contaminated text
benchmarks.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from vprog.errors import UsageError
from vprog.evaluation.case import Case
from vprog.evaluation.kept_list import KeptList
from vprog.runs.inputs import MOST_QUESTION

TEXT_ONLY, ONE_FRAME, SHUFFLED, REVERSED = "text_only", "one_frame", "shuffled", "reversed"
BEGINNING, ENDS, TEXT_TWIN, TOLD_TOO = "beginning", "ends", "text_twin", "told_too"
OPTIONS_SHUFFLED, NONE_OF_THESE = "options_shuffled", "none_of_these"

NONE_TEXT = "None of these"
_LABEL = re.compile(r"\(?([A-Za-z]|\d{1,2})[).:]\s+(?=\S)")
_ALL_OTHERS = re.compile(
    r"(?:none|all|any|both|neither|either|some|two|more than one) of (?:the |these |those )?"
    r"(?:\w+ )?(?:above|these|those|them|options|choices|answers|others)\b.*"
    r"|(?:none|all|both|neither)(?: the)? (?:above|options|choices|answers)\b.*"
    r"|none|all|both|neither|any|the (?:above|others)"
)
"""Options that speak of all the others, as a whole text."""
_SAYS_ABOVE = re.compile(r"\b(?:above|previous|preceding|foregoing)\b")
_BY_NAME = re.compile(
    r"\b(?:option|choice|answer)s? \(?[A-Za-z0-9]\)?(?![\w'])"
    r"|^\W*(?:(?i:both|either|neither|only|not)\s+)?\(?[A-J1-9]\)?"
    r"(?:\s*(?:,|&|/|\band\b|\bor\b|\bnor\b)+\s*\(?[A-J1-9]\)?)+\W*$"
    r"|\b(?:both|either|neither)\s+\(?[A-J]\)?\s+(?:and|or|nor)\s+\(?[A-J]\)?(?!\w)",
    re.IGNORECASE,
)
"""Options that name others by letter or number: "Both A and B", "A, C", "Options 1 or 2"."""


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

    asked: Sequence[Case]
    left_out: dict[str, int]

    def said(self) -> str:
        """What was left out, in words; "" where nothing was."""
        return "; ".join(f"{n} left out: {why}" for why, n in self.left_out.items())


def _told(case: Case) -> Case | str:
    if not case.told:
        return "nobody told what happens"
    question = f"This happens in a video:\n{case.told}\n\n{case.question}"
    if len(question) > MOST_QUESTION:
        return f"what happens takes more than the {MOST_QUESTION} characters of a question"
    return replace(case, question=question)


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
        Arm(BEGINNING, "the first third alone", "beginning"),
        Arm(ENDS, "the middle third hidden", "ends"),
        Arm(TEXT_TWIN, "what happens told in words, without the video", "none", _told),
        Arm(TOLD_TOO, "the video, and what happens in it told in words", change=_told),
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
    why: Counter[str] = Counter()

    def asked() -> Iterator[Case]:
        for case in cases:
            changed = arm.change(case)
            if isinstance(changed, Case):
                yield changed
            else:
                why[changed] += 1

    kept = KeptList(asked())
    return ArmCases(kept, dict(why.most_common()))


def option_labels(choices: Sequence[str]) -> tuple[list[str], list[str]]:
    """The label of each place, as it is written before the text, and the texts without it.

    Labels are those of consecutive places from the first, A, a or 1; else there are none.

    Example:
        >>> option_labels(["A. red", "B. blue", "none"])
        (['A. ', 'B. ', ''], ['red', 'blue', 'none'])
    """
    marks = [_LABEL.match(choice) for choice in choices]
    n_labelled = next((place for place, mark in enumerate(marks) if mark is None), len(marks))
    firsts = [mark[1] for mark in marks[:n_labelled] if mark is not None]
    forms = ([chr(ord(first) + place) for place in range(n_labelled)] for first in "Aa")
    numbers = [str(place + 1) for place in range(n_labelled)]
    if n_labelled < 2 or (firsts != numbers and firsts not in list(forms)):
        return [""] * len(choices), list(choices)
    ends = [mark.end() if mark is not None else 0 for mark in marks]
    ends[n_labelled:] = [0] * (len(choices) - n_labelled)
    return (
        [choice[:end] for choice, end in zip(choices, ends, strict=True)],
        [choice[end:] for choice, end in zip(choices, ends, strict=True)],
    )


def movable_places(labels: Sequence[str], texts: Sequence[str]) -> list[int] | str:
    """The places whose texts may change places, or why none may.

    Args:
        labels, texts: as `option_labels` parts them.
    """
    naming = [_BY_NAME.search(text) is not None for text in texts]
    # Where all have that form, they are lists of letters or numbers, and none of options.
    if any(naming) and not all(naming) and not _are_numbers(texts):
        return "an option names others by their letter or number"
    places = [place for place, text in enumerate(texts) if not says_none(text)]
    behind = range(len(places), len(texts))
    above = [place for place, text in enumerate(texts) if _is_above(text)]
    if any(place not in behind or places != list(range(len(places))) for place in above):
        return "an option speaks of those above it, and is not last"
    if any(label != "" for label in labels) and "" in labels:
        places = [place for place in places if labels[place]]
    return places


def says_none(text: str) -> bool:
    """Whether an option speaks of all the others: "None of the above", "All of these", "Both"."""
    plain = " ".join(re.findall(r"\w+", text.casefold()))
    return _ALL_OTHERS.fullmatch(plain) is not None or _is_above(text)


def _is_above(text: str) -> bool:
    plain = " ".join(re.findall(r"\w+", text.casefold()))
    return _ALL_OTHERS.fullmatch(plain) is not None and _SAYS_ABOVE.search(plain) is not None


def _are_numbers(texts: Sequence[str]) -> bool:
    """Options that are lists of numbers: "1, 2" is no name of another there."""
    return all(re.fullmatch(r"[\d\s.,;:/-]+", text) for text in texts)
