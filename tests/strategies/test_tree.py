"""Tree search on a scripted model, with the real sandbox and real modules."""

from __future__ import annotations

import _thread
import re
import threading
from pathlib import Path

import pytest

from tests.llm.server import Answer
from tests.strategies.conftest import Answering, Desk, cell
from tests.strategies.equipped import REGISTRY, VLM, ask_with, looking
from vprog.errors import LlmUnreachableError
from vprog.runs.votes import Vote
from vprog.strategies.tree import is_decided, side_by_side
from vprog.trace.branches import chosen_path
from vprog.trace.event import (
    Answered,
    CellStarted,
    ModuleCalled,
    NodeChosen,
    NodeEvaluated,
    NodeValued,
    ProgramWritten,
    Voted,
)
from vprog.trace.store import read_trace

LOOK = cell("frame = frame_at(video, 0.5)", "squares = find_colour(frame, 'red')")
COUNT = cell("answer(len(squares), evidence=squares)")
GUESS = cell("answer(7)")
FAILS = cell("answer(squares[9].score)")
ELSEWHERE = cell("frame = frame_at(video, 0.2)", "squares = find_colour(frame, 'red')")
BLIND = cell("squares = [1, 2, 3]")


def test_leaves_vote_by_evidence_and_no_prefix_runs_twice(desk: Desk) -> None:
    replies = [LOOK, COUNT, BLIND, GUESS, ELSEWHERE, COUNT]
    run = desk.ask("tree", replies, answers=3, accept=1.0)
    assert (run.result.status, run.result.answer, run.result.path) == ("answered", 1, "slow")
    assert run.result.evidence[0].supported
    run.assert_no_prefix_ran_twice()
    assert len(run.of(CellStarted)) == len(run.of(NodeEvaluated)) == 6
    assert [item.parent for item in run.of(NodeEvaluated)] == [0, 1, 0, 3, 0, 5]
    assert len(run.of(ModuleCalled)) == 4  # two looks of two calls; answers call nothing
    (voted,) = run.of(Voted)
    won = [ballot for ballot in voted.ballots if ballot.party == 0]
    lost = [ballot for ballot in voted.ballots if ballot.party == 1]
    assert sorted(attempt.node for attempt in won) == [2, 6]
    assert [(element.node, bytes(element.value)) for element in lost] == [(4, b"7")]
    # The loser is kept with what it was worth: a guess of a path that never looked.
    tried = {node.node: node for node in run.of(NodeEvaluated)}
    assert (tried[4].valid, tried[4].confidence, tried[4].evidence) == (1.0, 0.5, 0.05)
    assert lost[0].weight == pytest.approx(0.025)
    assert sum(each.weight for each in won) == pytest.approx(tried[2].reward + tried[6].reward)
    assert sorted(answer.node for answer in run.of(Answered)) == [2, 4, 6]


def test_the_trace_tells_the_story_of_the_chosen_path(desk: Desk) -> None:
    run = desk.ask("tree", [BLIND, GUESS, LOOK, COUNT], answers=2, accept=1.0)
    (chosen,) = run.of(NodeChosen)
    assert chosen.path == chosen_path(run.events) == [3, 4]
    story = run.result.trace
    assert story.program == run.result.program
    assert "squares = find_colour(frame, 'red')" in story.program
    assert "[1, 2, 3]" not in story.program
    workspace, _, program = story.to_html().partition("<h2>Program</h2>")
    assert "[1, 2, 3]" in workspace  # the loser is folded away, not lost
    assert "[1, 2, 3]" not in program
    assert {step.name for step in story.steps if step.kind == "call"} == {"frame_at", "find_colour"}


def test_expansions_see_their_siblings_and_what_came_of_them(desk: Desk) -> None:
    run = desk.ask("tree", [LOOK, FAILS, COUNT, ELSEWHERE, COUNT], answers=2)
    assert run.result.answer == 1
    assert "No cell was written yet" in run.prompt(0)
    assert "squares = [Detection(" in run.prompt(1)
    assert "Tried already" not in run.prompt(1)
    below, at_root = run.prompt(2), run.prompt(3)
    assert "frame_at(video, 0.5)" in at_root[at_root.index('<data name="tried">') :]
    inside = below[below.index('<data name="tried">') :]
    assert "squares[9].score" in inside
    assert "IndexError" in inside


def test_a_failed_cell_lowers_its_ancestors_and_rolls_back(desk: Desk) -> None:
    spoils = cell("squares = []", "worst = [1][len(squares)]", "worse = squares[0]")

    def reply(prompt: str) -> str:
        if "No cell was written yet" in prompt:
            return BLIND if "Tried" in prompt else LOOK
        return COUNT if "Tried" in prompt else spoils

    run = desk.ask("tree", Answering(reply), answers=1)
    assert run.result.answer == 1  # `squares` is what it was before the cell that failed
    values = {node.node: node for node in run.of(NodeValued)}
    tried = {item.node: item for item in run.of(NodeEvaluated)}
    assert [tried[number].status for number in (1, 2)] == ["continues", "failed"]
    assert (values[2].visits, values[2].value) == (1, 0.0)
    answered = next(element for element in tried.values() if element.status == "answered")
    assert answered.parent == 1
    assert values[1].visits == 2
    assert values[1].value == pytest.approx(answered.reward / 2)


def test_a_cell_that_comes_again_is_not_run_again(desk: Desk) -> None:
    again = cell(
        "frame = frame_at(video,  0.5)  # once more", "squares = find_colour(frame, 'red')"
    )
    replies = [LOOK, COUNT, again, again, GUESS]
    run = desk.ask("tree", replies, answers=2, accept=1.0)
    assert len(run.of(CellStarted)) == 3
    run.assert_no_prefix_ran_twice()
    assert [request.temperature for request in run.model.requests] == [0.0, 0.0, 0.7, 1.0, 0.7]
    assert run.result.answer == 1


def test_the_budget_ends_the_search_with_what_there_is(desk: Desk) -> None:
    run = desk.ask("tree", [LOOK, COUNT, BLIND, GUESS], max_llm_calls=3, accept=1.0)
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 3)
    tokens = desk.ask("tree", [LOOK, COUNT, BLIND, GUESS], max_tokens=1, accept=1.0)
    assert (tokens.result.status, tokens.result.cost.llm_calls) == ("limit", 0)
    nodes = desk.ask("tree", [LOOK, COUNT, BLIND, GUESS], nodes=2, accept=1.0)
    assert (nodes.result.answer, len(nodes.of(NodeEvaluated))) == (1, 2)


def test_a_model_that_goes_away_leaves_the_answers_there_are(desk: Desk) -> None:
    gone = LlmUnreachableError("no connection.")
    run = desk.ask("tree", [LOOK, COUNT, gone], accept=1.0)
    assert (run.result.status, run.result.answer) == ("answered", 1)
    first = desk.ask("tree", [gone])
    assert (first.result.status, first.result.exit_code) == ("llm_error", 5)


def test_no_answer_is_a_result_that_says_so(desk: Desk) -> None:
    wrong = desk.ask("tree", ["I cannot.", cell("x = detct(video)"), FAILS], nodes=3)
    assert wrong.result.status == "rejected"
    assert wrong.result.error is not None
    assert len(wrong.of(CellStarted)) == 0
    gives_up = desk.ask("tree", [LOOK, cell("abstain('it is too dark')"), FAILS], nodes=3)
    assert gives_up.result.status == "abstained"
    assert gives_up.result.error is not None
    assert gives_up.result.error.message == "it is too dark"


def test_replies_without_a_cell_are_no_answer(desk: Desk) -> None:
    said = desk.ask("tree", ["I cannot."] * 20)
    assert (said.result.status, len(said.of(CellStarted))) == ("abstained", 0)


def test_an_answer_outside_the_choices_is_worth_nothing(desk: Desk) -> None:
    run = desk.ask(
        "tree",
        [cell("answer('three', evidence=[frame_at(video, 0.5)])"), LOOK, COUNT],
        choices=["1", "2"],
        answers=1,
    )
    assert (run.result.answer, run.result.choice) == ("1", 0)
    assert run.of(NodeEvaluated)[0].reward == 0.0


@pytest.mark.parametrize("width", [1, 3])
def test_parallel_leaves_give_the_same_tree_every_time(desk: Desk, width: int) -> None:
    def reply(prompt: str) -> str:
        seen = len(re.findall(r'"cell": "', prompt))  # siblings
        if "So far\nNo cell" in prompt:
            return cell(f"frame = frame_at(video, 0.{seen + 1})")
        if "find_colour" not in prompt.split("# So far")[1].split("# Tried")[0]:
            return cell(f"squares = find_colour(frame, 'red', min_area=0.00{seen + 1})")
        return cell(f"answer(len(squares), evidence=squares[:{seen + 1}])")

    def grow() -> list[tuple[int, str, float]]:
        run = desk.ask("tree", Answering(reply), answers=99, accept=1.0, nodes=12, width=width)
        run.assert_no_prefix_ran_twice()
        assert run.result.answer == 1
        texts = {written.node: written.source for written in run.of(ProgramWritten)}
        return sorted(
            (len(chosen), texts[node.node], round(node.reward, 3))
            for node in run.of(NodeEvaluated)
            for chosen in [[node.parent]]
        )

    assert grow() == grow()


def test_steps_of_one_round_that_get_the_same_cell_leave_the_node_open(desk: Desk) -> None:
    def reply(prompt: str) -> str:
        seen = len(re.findall(r'"cell": "', prompt))  # siblings
        if "So far\nNo cell" in prompt:
            return cell(f"frame = frame_at(video, 0.{seen + 1})")
        return cell(f"answer({seen}, evidence=[frame])")

    run = desk.ask("tree", Answering(reply), answers=99, accept=1.0, nodes=9, width=3)
    run.assert_no_prefix_ran_twice()
    first = [node for node in run.of(NodeEvaluated) if node.parent == 0]
    assert len(first) >= 2  # the round's doubles say nothing of what else could be tried
    # Of those that are out at once, who see no cell of each other, only the first is sure.
    assert [request.temperature for request in run.model.requests[:2]].count(0.0) == 1
    numbers = [item.node for item in run.of(NodeEvaluated)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_two_sure_leaves_that_agree_end_it(desk: Desk) -> None:
    near = [
        cell(f"answer({each}, evidence=find_colour(frame_at(video, {at}), 'red'))")
        for each, at in (("0.995", 0.1), ("1.0", 0.2), ("2.0", 0.3))
    ]
    run = desk.ask("tree", near, accept=0.1, answers=99)
    assert run.result.cost.llm_calls == 2  # close numbers agree, as they do in the vote
    apart = desk.ask("tree", near[1:], accept=0.1, answers=2)
    assert apart.result.cost.llm_calls == 2


def test_the_cell_at_the_greatest_depth_must_answer(desk: Desk) -> None:
    cells = [cell(f"value_{index} = {index}") for index in range(5)]
    run = desk.ask("tree", [*cells, GUESS], answers=1)
    assert run.result.answer == 7
    ordered = ["Write the last cell" in run.prompt(number) for number in range(6)]
    assert ordered == [False] * 5 + [True]


def test_an_interrupt_ends_leaves_that_wait_for_the_model_that_looks(
    drawn_clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"answer(ask(sample_frames(video, count={n}), 'what?').text)" for n in (2, 3)]
    with looking([Answer(holds=True)] * 4, monkeypatch) as server:

        def interrupt() -> None:
            assert server.waiting.acquire(timeout=60)
            _thread.interrupt_main()

        watcher = threading.Thread(target=interrupt)
        watcher.start()
        with pytest.raises(KeyboardInterrupt):
            ask_with(
                REGISTRY, [drawn_clip], tmp_path, "tree", list(map(cell, texts)), vlm=VLM, width=2
            )
        watcher.join()
    (trace,) = (path for path in (tmp_path / "traces").iterdir() if path.is_dir())
    assert read_trace(trace).events[-1].__class__.__name__ == "RunEnded"


def _nothing() -> None:
    pass


def test_results_stand_in_the_order_of_the_jobs_and_jobs_run_together() -> None:
    together = threading.Barrier(3, timeout=30)

    def work(job: int) -> int:
        together.wait()
        return job * job

    assert side_by_side(work, [3, 1, 2], stop=_nothing) == [9, 1, 4]


def test_one_job_has_no_thread_of_its_own() -> None:
    assert side_by_side(lambda _: threading.current_thread(), [1], stop=_nothing) == [
        threading.current_thread()
    ]


def test_the_error_of_the_first_job_that_failed_comes_after_all_have_ended() -> None:
    ended: list[int] = []
    first_is_over = threading.Event()

    def work(job: int) -> None:
        if job == 0:
            first_is_over.set()
            raise ValueError("of the first")
        assert first_is_over.wait(timeout=30)
        ended.append(job)
        raise KeyError("of another")

    with pytest.raises(ValueError, match="of the first"):
        side_by_side(work, [0, 1, 2], stop=_nothing)
    assert sorted(ended) == [1, 2]


def test_an_interrupt_stops_the_others_and_gets_through() -> None:
    begun = threading.Barrier(3, timeout=30)
    stopped, ended = threading.Event(), threading.Semaphore(0)

    def work(job: int) -> None:
        if begun.wait() == 0:
            _thread.interrupt_main()
        assert stopped.wait(timeout=30)
        ended.release()

    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, [0, 1, 2], stop=stopped.set)
    assert all(ended.acquire(timeout=30) for _ in range(3))


def test_an_interrupt_does_not_wait_for_work_that_will_not_end() -> None:
    never = threading.Event()

    def work(job: int) -> None:
        if job == 0:
            _thread.interrupt_main()
        never.wait(timeout=60)

    try:
        with pytest.raises(KeyboardInterrupt):
            side_by_side(work, [0, 1], stop=_nothing)
        assert not never.is_set()
    finally:
        never.set()


@pytest.mark.parametrize(
    ("weights", "n_left", "decided"),
    [
        ({"a": [0.6, 0.5]}, 2, True),  # two others would only draw level
        ({"a": [0.6, 0.5]}, 3, False),
        ({"a": [0.9]}, 1, False),  # nothing agrees with it yet
        ({"a": [0.6, 0.6], "b": [0.1]}, 1, True),
        ({"a": [0.5, 0.5], "b": [0.9]}, 1, False),
        ({"a": [0.5], "b": [0.5]}, 0, True),
        ({}, 0, True),
        ({}, 4, False),
    ],
)
def test_a_vote_is_decided_once_the_leaves_left_would_hardly_change_it(
    weights: dict[str, list[float]], n_left: int, decided: bool
) -> None:
    votes = [Vote(1, answer, weight) for answer, all_of in weights.items() for weight in all_of]
    assert is_decided(votes, n_left=n_left) is decided


def test_leaves_that_agree_end_it_though_none_is_sure(desk: Desk) -> None:
    again = [LOOK, COUNT, ELSEWHERE, COUNT]
    run = desk.ask("tree", [*again, BLIND, GUESS], accept=1.0)
    assert run.result.answer == 1
    assert run.result.cost.llm_calls == len(again)
