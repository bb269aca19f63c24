"""Two runs side by side: what was asked, the programs, the first step, the answers."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

import vprog
from tests.asking import SIZE, FindSquare
from tests.drawing import draw_video
from vprog.registry.discover import discover
from vprog.registry.module import module
from vprog.registry.registry import Registry
from vprog.trace.store import Recording, read_trace
from vprog.types import Detection, Frame
from vprog.view.difference import Difference, differences

PROGRAM = """\
frames = [frame_at(video, k / 4) for k in range(3)]
found = [find_square(frame) for frame in frames]
answer(len(found), evidence=[frames[0]])
"""


@pytest.fixture(autouse=True)
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Traces, settings and a cache of the test's own: other tests count what is computed."""
    monkeypatch.setenv("VPROG_CACHE_DIR", str(home / "cache"))


@pytest.fixture
def recorded(clip: Path, registry: Registry) -> Any:
    def run(program: str = PROGRAM, *, videos: Any = None, **given: Any) -> Recording:
        result = vprog.run(videos or clip, program, **{"registry": registry, **given})
        return read_trace(result.trace_path)  # type: ignore[arg-type]

    return run


def what(found: list[Difference]) -> list[tuple[str, str]]:
    return [(difference.what, difference.where) for difference in found]


def test_same_question_twice_is_equal_though_the_second_is_cached(recorded: Any) -> None:
    one, other = recorded(), recorded()
    assert differences(one, other) == []


def test_another_question_choices_and_setting(recorded: Any) -> None:
    one = recorded("answer(question)", question="Who?")
    other = recorded("answer(question)", question="What?", seed=3)
    assert differences(one, other) == [
        Difference("question", "the question", "Who?", "What?"),
        Difference("setting", "setting seed", "0", "3"),
        Difference("step", "line 1, answer answer", "answer: 'Who?'", "answer: 'What?'"),
        Difference("result", "answer", '"Who?"', '"What?"'),
    ]
    some = recorded("answer('a')", choices=["a", "b"])
    assert Difference("question", "the choices", "", "a | b") in differences(
        recorded("answer('a')"), some
    )


def test_another_video_by_content_and_not_by_name(
    recorded: Any, clip: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copy(clip, tmp_path / "copy.mp4"))
    assert differences(recorded(), recorded(videos=copy)) == []
    brighter = draw_video(tmp_path / "other.mp4", 10, size=SIZE)
    found = differences(recorded("answer(1)"), recorded("answer(1)", videos=[brighter, clip]))
    assert what(found) == [("video", "video 0"), ("video", "video 1")]
    assert str(brighter) in found[0].other
    assert found[1].one == "none"


def test_another_module_and_the_first_result_that_differs(recorded: Any) -> None:
    @module("find_square", backend="numpy", version="2")
    class FindNothing:
        def __call__(self, frame: Frame) -> list[Detection]:
            """Find the red square."""
            return []

    registry = discover()
    registry.add(FindNothing)
    one, other = recorded(), recorded(registry=registry)
    found = differences(one, other)
    assert found[0] == Difference(
        "module", "module find_square", f"{FindSquare.__name__} 1", "FindNothing 2"
    )
    steps = [difference for difference in found if difference.what == "step"]
    assert [step.where for step in steps] == ["line 2, call find_square"]
    assert steps[0].other == "find_square/FindNothing(frame=Frame(0 s)) -> []"


def test_lines_that_differ_stand_side_by_side(recorded: Any) -> None:
    one = recorded("a = 1\nb = 2\nanswer(a + b)")
    other = recorded("a = 1\nb = 3\nanswer(a + b)")
    assert differences(one, other) == [
        Difference("program", "line 2", "b = 2", "b = 3"),
        Difference("step", "line 2, value b", "b = 2", "b = 3"),
        Difference("result", "answer", "3", "4"),
    ]
    longer = recorded("a = 1\nc = 0\nb = 2\nanswer(a + b)")
    assert differences(one, longer) == [
        Difference("program", "line 2 of the second", "", "c = 0"),
        Difference("step", "line 2, value b", "b = 2", "c = 0"),
    ]


def test_lines_that_only_moved_are_no_step(recorded: Any) -> None:
    found = differences(recorded("a = 1\nanswer(a)"), recorded("\n# why\na = 1\nanswer(a)"))
    assert {difference.what for difference in found} == {"program"}


def test_values_that_differ_beyond_what_is_shown_are_told(recorded: Any) -> None:
    one, other = recorded("x = 0.123451\nanswer(1)"), recorded("x = 0.123452\nanswer(1)")
    (program, step) = differences(one, other)
    assert program.what == "program"
    assert (step.where, step.one == step.other) == ("line 1, value x", False)
    assert "0.123451" in step.one
    assert "0.123452" in step.other


def test_run_that_ended_before(recorded: Any) -> None:
    one, other = recorded("a = 1\nanswer(a)"), recorded("import os\nanswer(1)")
    found = differences(one, other)
    assert ("result", "status") in what(found)
    step = next(difference for difference in found if difference.what == "step")
    assert (step.one, step.other) == ("a = 1", "nothing: the run ended before")


def solve(clip: Path, tmp_path: Path, *cells: str, strategy: str = "program") -> Recording:
    script = tmp_path / "script.txt"
    script.write_text("\n---\n".join(f"```python\n{cell}\n```" for cell in cells))
    result = vprog.solve(
        clip, "How many?", llm=f"scripted:{script}", strategy=strategy, samples=2, nodes=2
    )
    return read_trace(result.trace_path)  # type: ignore[arg-type]


def test_first_reply_and_first_request_that_differ(clip: Path, tmp_path: Path) -> None:
    one = solve(clip, tmp_path, "answer(", "answer(3)")
    other = solve(clip, tmp_path, "answer(", "answer(4)")
    third = solve(clip, tmp_path, "answer(1)")
    found = differences(one, other)
    assert (found[0].what, found[0].where[:7]) == ("reply", "reply 2")
    assert "answer(3)" in found[0].one
    assert "answer(4)" in found[0].other
    assert differences(one, third)[0].where.startswith("reply 1 of the language model")
    assert differences(one, one) == []


@pytest.mark.parametrize("strategy", ["tree", "vote", "react"])
def test_runs_of_other_strategies_are_compared_too(
    clip: Path, tmp_path: Path, strategy: str
) -> None:
    one = solve(clip, tmp_path, "answer(3)", "answer(4)", "answer(3)", "answer(4)")
    other = solve(
        clip, tmp_path, "answer(3)", "answer(4)", "answer(3)", "answer(4)", strategy=strategy
    )
    found = differences(one, other)
    assert ("setting", "setting strategy") in what(found)
    assert what(differences(other, one)) != []


def test_damaged_and_cut_off_traces_are_compared_as_far_as_they_go(recorded: Any) -> None:
    one = recorded()
    file = one.folder / "trace.jsonl"
    lines = file.read_text().splitlines()
    for kept in (lines[:6], [*lines[:6], lines[6][:30]], lines[:1]):
        file.write_text("\n".join(kept) + "\n")
        found = differences(one, read_trace(one.folder))
        assert Difference("result", "status", '"answered"', "none: it was cut off") in found
    damaged = [line.replace('"$type":"Frame"', '"$type":"Fromage"') for line in lines]
    file.write_text("\n".join(damaged) + "\n")
    assert ("step", "line 1, call frame_at") in what(differences(one, read_trace(one.folder)))
    assert msgspec.json.decode(damaged[0].encode())["event"] == "run_started"
