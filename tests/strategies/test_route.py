from __future__ import annotations

from pathlib import Path

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.runs.route_table import RouteRow, RouteTable, save_routes
from vprog.strategies.route import class_of
from vprog.trace.event import LlmCalled, Warned


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


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


def test_a_measured_table_picks_and_says_why(desk: Desk) -> None:
    rows = [
        RouteRow(
            strategy=name, n_cases=10, n_right=n_right, llm_calls=calls, frames=9.0, seconds=1.0
        )
        for name, n_right, calls in (("observe", 5, 4.0), ("program", 9, 1.0), ("vote", 10, 5.0))
    ]
    table = RouteTable(
        preset="auto", llm="scripted", vlm="", made="2026-01-31", kinds={"count": rows}
    )
    save_routes(table)
    run = desk.ask("route", [SEEN] * 5, samples=2)
    assert (run.result.answer, run.of(LlmCalled)[0].purpose) == (1, "write programs to vote")
    assert any("to vote: 10 of 10 right, 5 requests" in event.text for event in run.of(Warned))
    poor = desk.ask("route", [SEEN], max_llm_calls=4)  # where a vote is too dear
    assert (poor.result.answer, poor.of(LlmCalled)[0].purpose) == (1, "write a program")
    order = desk.ask("route", [SEEN], question="What comes after the square?")
    assert order.of(LlmCalled)[0].purpose == "write a cell"  # not measured: as without a table


def test_a_table_of_another_model_ends_the_question_with_what_to_do(desk: Desk) -> None:
    save_routes(RouteTable(preset="auto", llm="other", vlm="", made="2026-01-31", kinds={}))
    run = desk.ask("route", [SEEN])
    assert run.result.error is not None
    assert run.result.error.code == "config"
    assert "measured with llm other" in run.result.error.message
    assert "vprog calibrate --routes" in run.result.error.hint


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
