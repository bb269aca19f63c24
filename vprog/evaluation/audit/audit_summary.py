"""What the answers under several conditions say together: whether one rests on what it cites.

Source: sufficiency as in TimeSearch-R (2025), counterfactual runs as in DeepSport (2025), the
blind and shuffled runs as in TVBench (2024) and VBenchComp (2025).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NEARLY_ALL = 0.9
"""A share of the time from which on what is cited and the whole video are the same."""

AGAIN, ONLY, WITHOUT, SHUFFLED, BLIND, TEXT_ONLY = (
    "again", "only", "without", "shuffled", "blind", "text_only",
)  # fmt: skip
"""The conditions: the video as it is; what is cited alone; all but that; its pictures in another
order; no picture and no sound; a language model and the question alone."""


@dataclass(frozen=True)
class Ablation:
    """The answer under one condition.

    Attributes:
        name: of the condition.
        what: the same in words.
        answer: None where there was none.
        why: why there was none; "" otherwise.
        is_same: whether it is the recorded answer; None where that could not be asked, e.g.
            because a model was not reached.
        trace: of the run, if it was one; it lies in the folder of the audited one.
    """

    name: str
    what: str
    answer: object
    why: str
    is_same: bool | None
    trace: Path | None = None


_ORDER = re.compile(
    r"\b(?:first|last|before|after|afterwards|then|next|previous|earlier|earliest|later|latest|"
    r"order|sequence|initially|finally)\b",
    re.I,
)


def asks_order(question: str, choices: Sequence[str] = ()) -> bool:
    """Whether a question, or what it offers to choose from, is about what comes before what."""
    return any(_ORDER.search(text) for text in (question, *choices))


def conclude(
    ablations: Sequence[Ablation], *, cited: float, is_of_order: bool = False
) -> tuple[str, bool | None]:
    """The verdict over the ablations, and whether the answer rests on what it cites.

    Args:
        ablations: `again` at least; `blind` where that gave the answer; `only` and `without` where
            something is cited.
        cited: the share of the time that is cited.
        is_of_order: whether the question is about what comes before what in the pictures.

    Returns:
        One or two sentences; True, False, or None where nothing can be said.
    """
    same = {ablation.name: ablation.is_same for ablation in ablations}
    verdict, rests = _of_video(ablations, same, cited, is_of_order=is_of_order)
    if rests and same.get(SHUFFLED) is False:
        verdict += " The order of the pictures matters to it."
    if same.get(TEXT_ONLY):
        verdict += " A language model gives the same answer to the question alone."
    return verdict, rests


def _of_video(
    ablations: Sequence[Ablation],
    same: dict[str, bool | None],
    cited: float,
    *,
    is_of_order: bool,
) -> tuple[str, bool | None]:
    for ablation in ablations:
        needed = (AGAIN, ONLY, WITHOUT, BLIND, *([SHUFFLED] if is_of_order else []))
        if ablation.is_same is None and ablation.name in needed:
            return f"Nothing can be said: with {ablation.what}, {ablation.why}", None
    if not same[AGAIN]:
        return (
            "Nothing can be said: the answer does not come out again on the video as it is.",
            None,
        )
    if same[BLIND]:
        return (
            "The answer does not rest on what is seen or heard: it is the same without any "
            "picture or sound.",
            False,
        )
    if is_of_order and same.get(SHUFFLED):
        return (
            "The answer does not rest on what it cites: the question is about order, and the "
            "answer is the same with the pictures in another one.",
            False,
        )
    if ONLY not in same:
        return "The answer cites nothing; it does need the video.", None
    match same[ONLY], same[WITHOUT]:
        case True, False if cited > NEARLY_ALL:
            return (
                f"The answer needs the video. It cites {cited:.0%} of its time: which part of "
                "that it rests on cannot be told.",
                None,
            )
        case True, False:
            return "The answer rests on what it cites: that is enough, and needed.", True
        case True, _:
            return (
                "What it cites is enough for the answer, but not needed: the rest of the video "
                "says the same.",
                True,
            )
        case False, True:
            return (
                "The answer does not rest on what it cites: it does not follow from that alone, "
                "and stands without it.",
                False,
            )
    return "The answer needs what it cites, and more of the video than that.", True
