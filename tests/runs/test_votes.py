from __future__ import annotations

import pytest

from vprog.runs.votes import Vote, agree, count_votes
from vprog.types import Span


def test_votes_add_up_by_hand() -> None:
    votes = [
        Vote(1, "yes", 0.5),
        Vote(2, "no", 0.4),
        Vote(3, "No.", 0.3),
        Vote(4, "maybe", 0.0),
    ]
    groups = count_votes(votes)
    assert [[vote.node for vote in group.votes] for group in groups] == [[2, 3], [1], [4]]
    assert [group.weight for group in groups] == pytest.approx([0.7, 0.5, 0.0])
    assert groups[0].leader.answer == "no"


def test_equal_parties_go_by_the_earlier_node_whatever_the_order() -> None:
    votes = [Vote(2, "b", 0.5), Vote(1, "a", 0.5)]
    assert count_votes(votes) == count_votes(votes[::-1])
    assert count_votes(votes)[0].leader.node == 1
    assert count_votes([]) == []


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (3, 3, True),
        (3, 4, False),
        (100, 101, False),
        (12.3, 12.5, True),
        (3600.0, 3600.4, True),
        (3600.0, 3660.0, False),
        (12.3, 13.0, False),
        (3, 3.0, True),
        (0.2, 0.6, False),
        ("Left  side", "left side.", True),
        ("3", 3, False),
        ([1.0, 2.0], (1.0, 2.01), True),
        ([1.0, 2.0], [1.0], False),
        (Span(1.0, 2.0), [1.0, 2.0], True),
        (["a", "b"], ["b", "a"], False),
    ],
)
def test_answers_agree(one: object, other: object, is_same: bool) -> None:
    assert agree(one, other) is is_same
    assert agree(other, one) is is_same
