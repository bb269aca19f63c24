from __future__ import annotations

from tests.strategies.conftest import Desk, cell
from vprog.runs.reward import NO_EVIDENCE
from vprog.trace.event import ModuleCalled, NodeEvaluated, ProgramWritten, Voted, Warned

WRITTEN = cell(
    "frame = frame_at(video, 0.5)",
    "squares = find_colour(frame, 'red', min_area=0.5)",
    "if not squares:",
    "    answer(0)",
    "answer(len(squares), evidence=squares)",
)


def test_variants_share_the_cache_and_the_surest_is_kept(desk: Desk) -> None:
    run = desk.ask("params", [WRITTEN.replace("0.5)\nif", "0.16)\nif")])
    assert (run.result.status, run.result.cost.llm_calls) == ("answered", 1)
    assert run.result.answer == 1
    notes = [each.note for each in run.of(ProgramWritten)]
    grid = (0.0005, 0.002, 0.01, 0.05)
    assert notes == ["", *(f"find_colour: min_area={each}" for each in grid)]
    frames = [each.how for each in run.of(ModuleCalled) if each.task == "frame_at"]
    assert frames == ["executed", *["cached"] * 4]
    assert len(run.of(NodeEvaluated)) == 5
    assert "surest of 5, by variants" in " ".join(each.text for each in run.of(Warned))
    assert len(run.of(Voted)[0].ballots) == 5


def test_the_program_as_written_is_kept_among_equals(desk: Desk) -> None:
    run = desk.ask("params", [WRITTEN.replace("min_area=0.5", "min_area=0.01")])
    assert run.result.program is not None
    assert "min_area=0.01" in run.result.program


def test_nothing_is_varied_where_the_program_fails_or_has_nothing_to_vary(desk: Desk) -> None:
    failed = desk.ask("params", [cell("answer([1][2])")], repairs=0)
    assert (failed.result.status, len(failed.of(NodeEvaluated))) == ("failed", 1)
    plain = desk.ask("params", [cell("answer(1, evidence=[frame_at(video, 0.5)])")])
    assert (plain.result.answer, len(plain.of(NodeEvaluated))) == (1, 1)


def test_the_score_is_taken_after_the_maximum_and_says_how_many_agree(desk: Desk) -> None:
    written = cell(
        "frame = frame_at(video, 0.5)",
        "found = find_colour(frame, 'red', min_area=0.9)",
        "if found:",
        "    answer('some')",
        "answer('none', evidence=[frame])",
    )
    run = desk.ask("params", [written])
    # As written, and from 0.05 on, nothing is so large, and that answer names evidence; the
    # three others find some and name none.
    weights = {bytes(ballot.value): ballot.weight for ballot in run.of(Voted)[0].ballots}
    assert weights == {b'"some"': 0.5 * NO_EVIDENCE, b'"none"': 0.5}
    assert run.result.answer == "none"
    share = 2 * 0.5 / (2 * 0.5 + 3 * 0.5 * NO_EVIDENCE)
    assert run.result.score_parts == {"support": 1.0, "votes": round(share, 6)}
    assert run.result.score == round(share, 6)


def test_the_share_is_that_of_the_kept_answer_also_where_most_gave_another(desk: Desk) -> None:
    written = cell(
        "frames = [frame_at(video, each) for each in (0.1, 0.2, 0.3)]",
        "found = find_colour(frames[0], 'red', min_area=0.9)",
        "if found:",
        "    answer('some', evidence=[*frames, Span(0.41, 0.42)])",
        "answer('none', evidence=frames)",
    )
    run = desk.ask("params", [written])
    weights = sorted(ballot.weight for ballot in run.of(Voted)[0].ballots)
    assert weights == [0.375] * 3 + [0.5] * 2
    assert run.result.answer == "none"  # the surest, though it lost the vote
    assert run.result.score_parts["votes"] == round(1.0 / 2.125, 6)
