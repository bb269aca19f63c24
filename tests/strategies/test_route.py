from __future__ import annotations

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.strategies.route import class_of
from vprog.trace.event import LlmCalled, Warned

SEEN = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)


@pytest.mark.parametrize(
    ("question", "kind", "purpose"),
    [
        ("How many red squares are there?", "count", "write programs to vote"),
        ("What comes after the square?", "order", "write a cell"),
        ("Why is the square red?", "reason", "plan a look"),
        ("What colour is the square?", "lookup", "write a program"),
    ],
)
def test_the_kind_of_question_picks_the_way(
    desk: Desk, question: str, kind: str, purpose: str
) -> None:
    run = desk.ask("route", [SEEN] * 5, question=question, samples=2)
    assert run.result.answer == 1
    assert run.of(LlmCalled)[0].purpose == purpose
    assert any(f"'{kind}'" in warning.text for warning in run.of(Warned))


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
