"""How sure a figure is: standard errors clustered by video, and the tests of two paired runs.

Questions about one video are not independent, so that the usual error of the mean is too small.
Pure arithmetic over scores; who is compared with whom is for the callers.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

NORMAL_95 = 1.959963984540054
"""Of the standard normal distribution, 95 % lies within so many standard errors."""


def clustered_error(scores: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Standard error of the mean of scores whose questions come in clusters.

        SE = sqrt(SE_clt^2 + 1/n^2 sum_c sum_i sum_{j != i} (s_ic - m) (s_jc - m))
        SE_clt^2 = 1/n 1/(n-1) sum_i (s_i - m)^2

    With one question a cluster it is the ordinary error of the mean.

    Args:
        scores: one for each question, e.g. 1.0 where it is answered rightly.
        clusters: what each question is about, e.g. its video.

    Returns:
        The error; None below two questions, and where there is but one cluster: nothing is
        then known of how clusters differ.

    Example:
        >>> round(clustered_error([1, 1, 0, 0], ["a", "a", "b", "b"]), 4)
        0.3819

    Source: Miller, Adding Error Bars to Evals, arXiv:2411.00640, on clustered standard errors.
    """
    n = len(scores)
    if n < 2 or len(set(clusters)) < 2:
        return None
    mean = math.fsum(scores) / n
    by_cluster: defaultdict[Hashable, array[float]] = defaultdict(lambda: array("d"))
    for score, cluster in zip(scores, clusters, strict=True):
        by_cluster[cluster].append(score - mean)
    squares = math.fsum(away * away for members in by_cluster.values() for away in members)
    crossed = math.fsum(
        math.fsum(members) ** 2 - math.fsum(away * away for away in members)
        for members in by_cluster.values()
    )
    return math.sqrt(max(0.0, squares / (n * (n - 1)) + crossed / n**2))


@dataclass(frozen=True)
class PairedComparison:
    """Two runs on the same questions, B held against A.

    Attributes:
        n: questions that both have.
        only_a, only_b: right in one run alone.
        difference: accuracy of B less that of A.
        error: standard error of the difference, clustered; None where it is not known.
        p_clustered: two-sided, of the difference over its error; None likewise.
        p_mcnemar: exact and two-sided, of the questions that one alone has right; it takes
            the questions for independent.
    """

    n: int
    only_a: int
    only_b: int
    difference: float
    error: float | None
    p_clustered: float | None
    p_mcnemar: float


def compare_pairs(
    right_a: Sequence[bool], right_b: Sequence[bool], clusters: Sequence[Hashable]
) -> PairedComparison:
    """Whether one of two runs is better on the same questions.

        z = mean(b - a) / SE_clustered(b - a)

    Raises:
        ValueError: there is no question, or the runs have different numbers of them.

    Example:
        >>> compare_pairs([False, False, True], [True, True, True], "abc").difference
        0.6666666666666666

    Source: Miller, arXiv:2411.00640, on paired differences; McNemar 1947, exact form.
    """
    differences = [float(b) - float(a) for a, b in zip(right_a, right_b, strict=True)]
    if not differences:
        raise ValueError("compare_pairs: there must be at least one question.")
    only_b = sum(difference > 0 for difference in differences)
    only_a = sum(difference < 0 for difference in differences)
    mean = math.fsum(differences) / len(differences)
    error = clustered_error(differences, clusters)
    p = None if not error else math.erfc(abs(mean) / error / math.sqrt(2))
    return PairedComparison(
        len(differences), only_a, only_b, mean, error, p, mcnemar_exact(only_a, only_b)
    )


def p_text(value: float) -> str:
    """A probability as people read it: never as 0."""
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """The chance that so many of the questions fall to one side if each side is as likely.

        p = min(1, 2 sum_{k <= min(b, c)} C(b + c, k) / 2^(b + c))

    Example:
        >>> mcnemar_exact(1, 5)
        0.21875

    Source: McNemar, Psychometrika 12, 1947; exact (binomial) form.
    """
    n = only_a + only_b
    tail = sum(math.comb(n, k) for k in range(min(only_a, only_b) + 1))
    share: float = 2 * tail / 2**n
    return min(1.0, share)
