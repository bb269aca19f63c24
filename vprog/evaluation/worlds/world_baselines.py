"""What can be had on drawn worlds without looking: the bar that a result must clear.

chance       one of the answers that a template has, at random
majority     the one answer that is right most often in a world and level
text only    the one answer that is right most often for a template: who knows from the words
             of a question how it was made. Fitted on the same cases, so an upper bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from vprog.evaluation.baselines import guess, guessed_case
from vprog.evaluation.case import Case
from vprog.evaluation.move_plans import Plan


class WorldBaselines(msgspec.Struct, frozen=True):
    """Accuracies of a world and level, in [0, 1], and how often each answer is the right one."""

    world: str
    level: str
    n_cases: int
    n_held_out: int
    chance: float
    majority: float
    text_only: float
    answers: dict[str, int]


def baselines(cases: Sequence[Case], n_answers: Sequence[int]) -> list[WorldBaselines]:
    """The baselines of each world and level, judged by the one judge.

    Args:
        cases: of one folder; with the groups "world", "level" and "template".
        n_answers: how many answers the template of each case has.
    """
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, case in enumerate(cases):
        groups[case.groups["world"], case.groups["level"]].append(index)
    rows = []
    for (world, level), indices in groups.items():
        of_group = [cases[index] for index in indices]
        counts: dict[str, int] = defaultdict(int)
        for case in of_group:
            counts["a plan" if isinstance(case.answer, Plan) else str(case.answer)] += 1
        without_looking = guess([guessed_case(case) for case in of_group])
        rows.append(
            WorldBaselines(
                world,
                level,
                len(of_group),
                sum(case.held_out for case in of_group),
                round(sum(1 / n_answers[index] for index in indices) / len(indices), 4),
                round(without_looking.majority / len(of_group), 4),
                round(without_looking.text_only / len(of_group), 4),
                dict(sorted(counts.items())),
            )
        )
    return rows
