from __future__ import annotations

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.errors import LlmUnreachableError
from vprog.llm.language_model import Completion, LlmReply, Request
from vprog.llm.scripted import ScriptedModel
from vprog.strategies.look_first import MANY
from vprog.trace.event import LlmCalled, ProgramWritten, Warned

LOOK = cell("squares = find_colour(frame_at(video, 0.5), 'red')", "print(len(squares))")
COUNT = cell("answer(len(squares), evidence=squares)")
WHOLE = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')", "answer(len(squares), evidence=squares)"
)
NOTHING = cell("spans = find_black(video)", "answer(len(spans))")
RAISES = cell("frames = sample_frames(video)", "late = frames[99]")


def test_the_program_is_written_with_the_first_values_in_view(desk: Desk) -> None:
    run = desk.ask("look_first", [LOOK, COUNT])
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert run.result.score is not None
    assert [call.purpose for call in run.of(LlmCalled)] == ["gather", "go on"]
    assert "squares = " in run.prompt(1)
    assert '"printed": "1' in run.prompt(1)
    assert run.result.program is not None
    assert "find_colour" in run.result.program  # the story is the whole path
    assert "answer(len(squares)" in run.result.program
    run.assert_no_prefix_ran_twice()


def test_a_first_cell_that_answers_from_values_as_expected_stands(desk: Desk) -> None:
    run = desk.ask("look_first", [WHOLE])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 1)


def test_an_answer_from_nothing_found_is_checked_with_the_values_in_view(desk: Desk) -> None:
    run = desk.ask("look_first", [NOTHING, WHOLE])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 2)
    assert "find_black found nothing" in run.prompt(1)
    assert [call.purpose for call in run.of(LlmCalled)] == ["gather", "check the values"]


def test_an_abstention_that_was_written_blind_is_checked_too(desk: Desk) -> None:
    blind = cell("spans = find_black(video)", "abstain('never black')")
    run = desk.ask("look_first", [blind, WHOLE])
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert desk.ask("look_first", [blind, blind]).result.status == "abstained"


def test_where_nothing_more_can_be_asked_the_first_answer_stands_and_says_so(desk: Desk) -> None:
    for run in (
        desk.ask("look_first", [NOTHING, LlmUnreachableError("gone.")]),
        desk.ask("look_first", [NOTHING, "no.", "no.", "no.", "no."]),
    ):
        assert (run.result.status, run.result.answer) == ("answered", 0)
        assert any("the values were not checked" in event.text for event in run.of(Warned))


def test_the_last_request_asks_for_an_answer(desk: Desk) -> None:
    run = desk.ask("look_first", [WHOLE], max_llm_calls=1)
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert [call.purpose for call in run.of(LlmCalled)] == ["write a program"]
    run = desk.ask("look_first", [LOOK, COUNT], max_llm_calls=2)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 2)
    assert "This is the last request" in run.prompt(1)


@pytest.mark.parametrize("first", [RAISES, "no."], ids=["a cell that fails", "no cell"])
def test_a_first_cell_is_not_repaired_with_the_last_request(desk: Desk, first: str) -> None:
    run = desk.ask("look_first", [first, WHOLE], max_llm_calls=2)
    assert (run.result.status, run.result.answer) == ("answered", 1)
    assert "This is the last request" in run.prompt(1)
    goes_on = desk.ask("look_first", [first, LOOK], max_llm_calls=2)
    assert (goes_on.result.status, goes_on.result.cost.llm_calls) == ("limit", 2)
    assert goes_on.result.error is not None
    assert "used up its 2 requests" in goes_on.result.error.message


def test_a_later_cell_that_answers_blind_is_checked_by_the_same_rule(desk: Desk) -> None:
    blind = cell("spans = find_black(video)", "answer(len(spans))")
    run = desk.ask("look_first", [LOOK, blind, WHOLE])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)
    assert "find_black found nothing" in run.prompt(2)
    assert '"printed": "1' in run.prompt(2)  # the cells before it stand there too
    purposes = [call.purpose for call in run.of(LlmCalled)]
    assert purposes == ["gather", "go on", "check the values"]
    again = cell("again = find_colour(frame_at(video, 0.1), 'red')")
    forced = desk.ask("look_first", [LOOK, again, cell("more = 1"), blind, WHOLE])
    assert (forced.result.answer, forced.result.cost.llm_calls) == (1, 5)


@pytest.mark.parametrize(
    ("evidence", "n_requests"),
    [("frames", 2), ("Span(0.0, video.duration)", 2), ("squares", 1), ("frames[:2]", 1)],
)
def test_evidence_that_names_all_that_was_looked_at_does_not_spare_the_check(
    desk: Desk, evidence: str, n_requests: int
) -> None:
    named = evidence if evidence.startswith(("frames", "squares")) else f"[{evidence}]"
    blind = cell(
        "frames = sample_frames(video, fps=5.0)",
        "squares = find_colour(frames[0], 'red')",
        "blue = [square for frame in frames for square in find_colour(frame, 'blue')]",
        "spans = find_black(video)",
        f"answer(len(spans), evidence={named})",
    )
    run = desk.ask("look_first", [blind, WHOLE], question="How often is it black?")
    assert run.result.cost.llm_calls == n_requests


def test_a_first_cell_is_repaired_and_the_last_must_answer(desk: Desk) -> None:
    run = desk.ask("look_first", [RAISES, LOOK, COUNT])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)
    again = cell("again = find_colour(frame_at(video, 0.1), 'red')")
    run = desk.ask("look_first", [LOOK, again, cell("more = 1"), COUNT])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 4)
    assert "must call answer" in run.prompt(3)
    never = desk.ask("look_first", [LOOK, again, cell("more = 1"), cell("most = 2")])
    assert never.result.status == "abstained"


def test_a_look_that_cannot_be_mended_is_the_result(desk: Desk) -> None:
    run = desk.ask("look_first", [RAISES] * 5, repairs=1)
    assert (run.result.status, run.result.cost.llm_calls) == ("failed", 2)
    assert desk.ask("look_first", ["no."] * 9, repairs=1).result.status == "llm_error"


class Held(ScriptedModel):
    """A model that takes a grammar."""

    capabilities = frozenset({"grammar"})

    def complete(self, request: Request) -> LlmReply:
        assert request.grammar is not None
        return LlmReply((Completion(WHOLE),), super().complete(request).usage, self.name, 0.0)


def test_a_model_that_is_held_to_whole_programs_writes_one(desk: Desk) -> None:
    run = desk.ask("look_first", Held([WHOLE]))
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 1)
    assert len(run.of(ProgramWritten)) == 1


def test_what_is_reduced_or_asked_for_by_number_is_no_surprise(desk: Desk) -> None:
    many = cell(
        f"frames = sample_frames(video, fps={MANY + 10})",
        "levels = measure_brightness(video)",
        "answer(len(frames), evidence=frames)",
    )
    assert desk.ask("look_first", [many]).result.cost.llm_calls == 1


def test_what_was_not_found_is_no_surprise_beside_what_the_answer_rests_on(desk: Desk) -> None:
    both = cell(
        "spans = find_black(video)",
        "squares = find_colour(frame_at(video, 0.5), 'red')",
        "answer(len(squares), evidence=squares)",
    )
    assert desk.ask("look_first", [both]).result.cost.llm_calls == 1
