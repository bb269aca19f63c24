"""Accuracy under each arm against that on the video as it is, and VBenchComp's four classes.

Of the four classes a question is of the first that holds:

    without the video    right when neither picture nor sound is there
    semantic             right on the video as it is, and with its pictures shuffled
    temporal             right on the video with its pictures in order, and not shuffled
    other                none of these

Source: Breaking Down Video LLM Benchmarks (VBenchComp), arXiv:2505.14321; the paper asks a panel
of models, here it is the one that was evaluated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from vprog.evaluation.arms import ARMS, SHUFFLED, TEXT_ONLY
from vprog.evaluation.error_bars import PairedComparison, compare_pairs, p_text
from vprog.evaluation.results.report.added_tables import ReportTable
from vprog.evaluation.results.scored_case import ScoredCase

CLASSES = ("without the video", "semantic", "temporal", "other")

_Scored = Mapping[str, ScoredCase]


def arm_tables(
    whole: Sequence[ScoredCase],
    by_arm: Mapping[str, _Scored],
    left_out: Mapping[str, str] | None = None,
) -> list[ReportTable]:
    """A row for each arm; and, where both it takes are there, the questions by class.

    Args:
        whole: the cases on the video as it is.
        by_arm: those of each arm, by id; cases that an arm makes no sense of are not in it.
        left_out: of each arm what is not in it, in words; "" for nothing.
    """
    original = {case.id: case for case in whole}
    rows = [_row(ARMS[name].what, original, scored) for name, scored in by_arm.items()]
    said = [f"{ARMS[name].what}: {why}" for name, why in (left_out or {}).items() if why]
    tables = [
        ReportTable(
            name="arms",
            title="Under other conditions",
            head=["with", "cases", "right", "right as it is", "difference, points",
                  "p, clustered", "p, McNemar exact"],
            rows=rows,
            note="Paired by case; ± is the standard error, clustered by video. What is right "
            "without the video, or backwards, does not measure how it was watched."
            + "".join(f" {text[0].upper()}{text[1:]}." for text in said),
        )
    ]  # fmt: skip
    if {TEXT_ONLY, SHUFFLED} <= by_arm.keys():
        classes = question_classes(whole, by_arm[TEXT_ONLY], by_arm[SHUFFLED])
        counts = Counter(classes.values())
        tables.append(
            ReportTable(
                name="classes",
                title="Questions by what answers them",
                head=["class", "cases", "share"],
                rows=[
                    [name, str(counts[name]), f"{counts[name] / len(classes):.1%}"]
                    for name in CLASSES
                ],
                note="The four classes of VBenchComp, for what was evaluated here.",
            )
        )
    return tables


def question_classes(
    whole: Sequence[ScoredCase], text_only: _Scored, shuffled: _Scored
) -> dict[str, str]:
    """The class of each case, by id; of those that all three have."""
    classes: dict[str, str] = {}
    for case in whole:
        if case.id not in text_only or case.id not in shuffled:
            continue
        if text_only[case.id].is_right:
            classes[case.id] = CLASSES[0]
        elif case.is_right:
            classes[case.id] = CLASSES[1] if shuffled[case.id].is_right else CLASSES[2]
        else:
            classes[case.id] = CLASSES[3]
    return classes


def against_whole(whole: _Scored, other: _Scored) -> PairedComparison:
    """The cases of both held against each other."""
    shared = [key for key in whole if key in other]
    return compare_pairs(
        [whole[key].is_right for key in shared],
        [other[key].is_right for key in shared],
        [tuple(whole[key].video) for key in shared],
    )


def _row(what: str, whole: _Scored, scored: _Scored) -> list[str]:
    against = against_whole(whole, scored)
    error = "" if against.error is None else f" ± {100 * against.error:.1f}"
    shared = [key for key in whole if key in scored]
    rights = [sum(side[key].is_right for key in shared) for side in (scored, whole)]
    return [
        what,
        str(against.n),
        *(f"{n_right} ({n_right / against.n:.1%})" for n_right in rights),
        f"{100 * against.difference:+.1f}{error}",
        "-" if against.p_clustered is None else p_text(against.p_clustered),
        p_text(against.p_mcnemar),
    ]
