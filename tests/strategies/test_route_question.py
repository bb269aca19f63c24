from __future__ import annotations

import pytest

from vprog.strategies.route_question import class_of


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What colour is the car?", "lookup"),
        ("When does the dog appear?", "lookup"),
        ("How many people are there?", "count"),
        ("How often does the light flash?", "count"),
        ("What happens after the red square leaves?", "order"),
        ("Which word is said first, freedom or peace?", "order"),
        ("Why does the man turn round?", "reason"),
        ("How does she open the box?", "reason"),
        ("", "lookup"),
    ],
)
def test_class_of_a_question(question: str, expected: str) -> None:
    assert class_of(question) == expected
