from __future__ import annotations

from tests.solve.strategies.conftest import Desk, cell
from vprog.trace.event import NodeTried

GUESS = cell("answer(7)")
SEEN = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)


def test_the_window_of_examples_moves_on_while_the_answer_is_weak(desk: Desk) -> None:
    asked = desk.ask("examples", [GUESS, SEEN])
    assert (asked.result.answer, asked.result.cost.llm_calls) == (1, 2)
    first, second = (asked.prompt(number).split("# Your task")[0] for number in (0, 1))
    shown = [
        {line for line in text.split("\n") if line.startswith("Question:")}
        for text in (first, second)
    ]
    assert len(shown[0]) == len(shown[1]) == 2
    assert not shown[0] & shown[1]


def test_the_best_of_the_rounds_is_kept(desk: Desk) -> None:
    weak = cell("squares = find_colour(frame_at(video, 0.5), 'red')", "answer(len(squares))")
    asked = desk.ask("examples", [GUESS, "no program", weak, GUESS], repairs=0)
    assert asked.result.answer == 1
    assert [each.status for each in asked.of(NodeTried)] == ["answered", "rejected", "answered"]
