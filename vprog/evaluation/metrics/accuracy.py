"""Metrics of answers: accuracy in its forms, and accuracy over sets that belong together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence


def accuracy(right: Sequence[bool]) -> float:
    """Share of questions that were answered rightly; who abstains or fails is not.

    Raises:
        ValueError: there is no question.

    Example:
        >>> accuracy([True, False, False, True])
        0.5
    """
    if not right:
        raise ValueError("accuracy: there must be at least one question.")
    return sum(right) / len(right)


def mean_accuracy_of_groups(right: Mapping[Hashable, Sequence[bool]]) -> float:
    """The mean of the groups' accuracies, each counted alike: M-Avg of MLVU.

    The trap: it is not the accuracy over all questions unless groups are of one size.

    Example:
        >>> mean_accuracy_of_groups({"count": [True], "order": [False, False, True]})
        0.6666666666666666

    Source: Zhou et al., MLVU, 2024 (M-Avg).
    """
    if not right:
        raise ValueError("mean_accuracy_of_groups: there must be at least one group.")
    return sum(accuracy(members) for members in right.values()) / len(right)


def accuracy_of_sets(right: Sequence[bool], sets: Sequence[Hashable]) -> float:
    """Share of sets all of whose questions are right: multi-binary accuracy.

    A five-way question is asked as four pairs, right option against one wrong option; chance
    is then 1/16 and not 1/5, and an order of the options that a model likes helps no more.

    Args:
        right: one for each question.
        sets: which set each belongs to.

    Raises:
        ValueError: there is no question.

    Example:
        >>> accuracy_of_sets([True, True, True, False], ["q1", "q1", "q2", "q2"])
        0.5

    Source: Rasheed et al., VideoMathQA, 2025 (MBin); Cai et al., TemporalBench, 2024 (MBA).
    """
    whole: defaultdict[Hashable, bool] = defaultdict(lambda: True)
    for is_right, name in zip(right, sets, strict=True):
        whole[name] &= is_right
    return accuracy(list(whole.values()))
