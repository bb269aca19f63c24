from __future__ import annotations

import re

from tests.strategies.conftest import Desk, cell
from vprog.prompt.solved_examples import nearest_examples
from vprog.trace.event import NodeChosen, NodeEvaluated

GUESS = cell("answer(7)")
SEEN = cell(
    "squares = find_colour(frame_at(video, 0.5), 'red')",
    "answer(len(squares), evidence=squares)",
)


def test_the_window_of_examples_moves_on_while_the_answer_is_weak(desk: Desk) -> None:
    run = desk.ask("examples", [GUESS, SEEN])
    assert (run.result.answer, run.result.cost.llm_calls) == (1, 2)
    first, second = (run.prompt(number).split("# Your task")[0] for number in (0, 1))
    shown = [
        {line for line in text.split("\n") if line.startswith("Question:")}
        for text in (first, second)
    ]
    assert len(shown[0]) == len(shown[1]) == 2
    assert not shown[0] & shown[1]


def test_the_best_of_the_rounds_is_kept(desk: Desk) -> None:
    weak = cell("squares = find_colour(frame_at(video, 0.5), 'red')", "answer(len(squares))")
    run = desk.ask("examples", [GUESS, "no program", weak, GUESS], repairs=0)
    assert run.result.answer == 1
    assert [node.status for node in run.of(NodeEvaluated)] == ["answered", "rejected", "answered"]


def test_every_round_has_a_window_of_its_own_and_the_most_worth_is_kept(desk: Desk) -> None:
    other = cell("squares = find_colour(frame_at(video, 0.5), 'red')", "answer(len(squares))")
    rounds = [cell("answer(6)"), other, GUESS, cell("answer(8)")]
    run = desk.ask("examples", rounds)
    assert run.result.cost.llm_calls == 4  # and no fifth round
    shown = [
        [line for line in run.prompt(at).split("# Your task")[0].split("\n") if "Question:" in line]
        for at in range(4)
    ]
    assert [len(frame) for frame in shown] == [2, 2, 2, 2]
    assert len({line for picture in shown for line in picture}) == 8
    rewards = {node.node: node.reward for node in run.of(NodeEvaluated)}
    (chosen,) = run.of(NodeChosen)
    assert rewards[chosen.path[-1]] == max(rewards.values())
    assert run.result.answer == 1  # of round 2; the last one is worth less


def test_windows_are_the_nearest_examples_in_order(desk: Desk) -> None:
    run = desk.ask("examples", [GUESS] * 4)
    ranked = nearest_examples(
        "How many red squares are there?", (), _modules(run.result.trace), count=8
    )[::-1]
    for at in range(4):
        text = run.prompt(at).split("# Your task")[0]
        questions = re.findall(r"Question: (.*)", text)
        assert questions == [candidate.question for candidate in ranked[2 * at : 2 * at + 2]][::-1]


def _modules(trace: object) -> set[str]:
    return {module.task for module in trace.recording.started.modules}  # type: ignore[attr-defined]
