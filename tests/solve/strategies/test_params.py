from __future__ import annotations

from tests.solve.strategies.conftest import Desk, cell
from vprog.trace.event import ModuleCalled, NodeTried, ProgramWritten, Voted, Warned

WRITTEN = cell(
    "frame = frame_at(video, 0.5)",
    "squares = find_colour(frame, 'red', min_area=0.5)",
    "if not squares:",
    "    answer(0)",
    "answer(len(squares), evidence=squares)",
)


def test_variants_share_the_cache_and_the_surest_is_kept(desk: Desk) -> None:
    asked = desk.ask("params", [WRITTEN.replace("0.5)\nif", "0.16)\nif")])
    assert (asked.result.status, asked.result.cost.llm_calls) == ("answered", 1)
    assert asked.result.answer == 1
    notes = [each.note for each in asked.of(ProgramWritten)]
    assert notes == ["", "find_colour: min_area=0.01", "find_colour: min_area=0.31"]
    frames = [each.how for each in asked.of(ModuleCalled) if each.task == "frame_at"]
    assert frames == ["executed", "cached", "cached"]
    assert len(asked.of(NodeTried)) == 3
    assert "surest of 3 variants" in " ".join(each.text for each in asked.of(Warned))
    assert len(asked.of(Voted)[0].ballots) == 3


def test_the_program_as_written_is_kept_among_equals(desk: Desk) -> None:
    asked = desk.ask("params", [WRITTEN.replace("min_area=0.5", "min_area=0.01")])
    assert asked.result.program is not None
    assert "min_area=0.01" in asked.result.program


def test_nothing_is_varied_where_the_program_fails_or_has_nothing_to_vary(desk: Desk) -> None:
    failed = desk.ask("params", [cell("answer([1][2])")], repairs=0)
    assert (failed.result.status, len(failed.of(NodeTried))) == ("failed", 1)
    plain = desk.ask("params", [cell("answer(1, evidence=[frame_at(video, 0.5)])")])
    assert (plain.result.answer, len(plain.of(NodeTried))) == (1, 1)
