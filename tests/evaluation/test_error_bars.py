"""Error bars by hand: clusters, pairs, the exact test."""

from __future__ import annotations

import math

import pytest

from vprog.evaluation.error_bars import clustered_error, compare_pairs, mcnemar_exact


def test_error_of_single_question_clusters_is_that_of_the_mean() -> None:
    # mean 0.5, squares 1.0: sqrt(1 / (4 * 3))
    assert clustered_error([1, 1, 0, 0], "abcd") == pytest.approx(math.sqrt(1 / 12))


def test_error_grows_where_questions_of_a_video_agree_and_falls_where_they_do_not() -> None:
    # within each cluster 2 * 0.5 * 0.5 crossed: sqrt(1/12 + 1/16)
    assert clustered_error([1, 1, 0, 0], "aabb") == pytest.approx(math.sqrt(1 / 12 + 1 / 16))
    assert clustered_error([1, 0, 1, 0], "aabb") == pytest.approx(math.sqrt(1 / 12 - 1 / 16))


@pytest.mark.parametrize(("scores", "clusters"), [([1], "a"), ([], ""), ([1, 0], "aa")])
def test_error_is_not_known_of_one_cluster(scores: list[float], clusters: str) -> None:
    assert clustered_error(scores, clusters) is None


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [(0, 0, 1.0), (0, 5, 2 / 32), (1, 5, 2 * 7 / 64), (3, 3, 1.0), (10, 10, 1.0)],
)
def test_mcnemar_is_exact(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar_exact(only_a, only_b) == pytest.approx(p)
    assert mcnemar_exact(only_b, only_a) == pytest.approx(p)


def test_pairs_are_compared_by_their_differences() -> None:
    a = [True, False, False, False]
    b = [True, True, True, False]
    found = compare_pairs(a, b, "abcd")
    assert (found.only_a, found.only_b, found.difference) == (0, 2, 0.5)
    assert found.error == pytest.approx(math.sqrt(1 / 12))  # differences 0, 1, 1, 0
    assert found.p_clustered == pytest.approx(math.erfc(0.5 / math.sqrt(1 / 12) / math.sqrt(2)))
    assert found.p_mcnemar == 0.5


def test_pairs_that_never_differ_have_no_clustered_test() -> None:
    found = compare_pairs([True, False], [True, False], "ab")
    assert (found.difference, found.p_clustered, found.p_mcnemar) == (0.0, None, 1.0)
    with pytest.raises(ValueError, match="at least one question"):
        compare_pairs([], [], [])
