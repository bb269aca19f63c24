"""Calls on frames that have not changed: reused where that is asked for, told, and never cached."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.asking import Ask
from tests.drawing import draw_frame, draw_video
from vprog.execute.still_frames import _thinned, frame_of
from vprog.registry.registry import Registry
from vprog.registry.still_pictures import is_still, small_look
from vprog.runs.run import Run
from vprog.trace.event import ModuleCalled
from vprog.trace.store import read_trace

EACH = """
found = [find_square(Frame(0, k / 10 + 0.05)) for k in range(20)]
answer([f[0].box.x0 for f in found], evidence=[f[0] for f in found])
"""


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 10 fps; what is shown changes at 0.5 and at 1.2 s only."""
    path = tmp_path_factory.mktemp("still") / "still.mp4"
    shown = [0] * 5 + [40] * 7 + [4] * 8
    return draw_video(
        path, 20, paint=lambda number, width, height: draw_frame(shown[number], width, height)
    )


def ran(run: Run, program: str = EACH) -> tuple[object, list[ModuleCalled]]:
    outcome = run.executor.run_whole(program)
    assert outcome.status == "answered", outcome
    run.close()
    return outcome, [
        event for event in read_trace(run.recorder.folder).events
        if isinstance(event, ModuleCalled)
    ]  # fmt: skip


def test_unchanged_frames_have_the_result_of_the_last_look(ask: Ask, still: Path) -> None:
    looked, calls = ran(ask(videos=[still]))
    run = ask(videos=[still], reuse_still=True, read_ahead=True)
    run.broker._cached_calls.find = lambda key, *, is_near=False: None  # type: ignore[method-assign]
    outcome, reused = ran(run)
    assert (outcome.value, outcome.evidence) == (looked.value, looked.evidence)  # type: ignore[attr-defined]
    assert [bytes(call.result) for call in reused] == [bytes(call.result) for call in calls]
    assert [call.how for call in calls].count("reused") == 0
    looks = {0: 0.05, 5: 0.55, 12: 1.25}
    assert [call.how == "reused" for call in reused] == [k not in looks for k in range(20)]
    assert [call.reused for call in reused[1:5]] == [0.05] * 4
    assert {call.reused for call in reused[13:]} == {1.25}
    counts = run.broker.counts
    assert (counts.executed, counts.reused, counts.guessed) == (3, 17, 0)
    assert counts.module_calls()["reused"] == 17


def test_moving_frames_are_all_looked_at(ask: Ask, clip: Path) -> None:
    run = ask(videos=[clip], reuse_still=True)
    _, calls = ran(run)
    assert {call.reused for call in calls} == {None}
    assert run.broker.counts.reused == 0
    assert "reused" not in run.broker.counts.module_calls()


def test_reused_results_are_not_cached(ask: Ask, still: Path) -> None:
    program = EACH.replace("0.05", "0.07")
    ran(ask(videos=[still], reuse_still=True), program)
    run = ask(videos=[still])
    ran(run, program)
    assert (run.broker.counts.cached, run.broker.counts.executed) == (3, 17)


def test_known_results_are_what_others_are_compared_with(ask: Ask, still: Path) -> None:
    program = EACH.replace("0.05", "0.03")
    ran(ask(videos=[still], reuse_still=True), program)
    run = ask(videos=[still], reuse_still=True)
    ran(run, program)
    assert (run.broker.counts.cached, run.broker.counts.executed) == (3, 0)


def test_another_label_or_region_is_another_look(ask: Ask, still: Path) -> None:
    program = """
a = find_square(Frame(0, 0.0, Box(0.0, 0.0, 100.0, 120.0)))
b = find_square(Frame(0, 0.1, Box(0.0, 0.0, 90.0, 120.0)))
answer(len(a) + len(b))
"""
    run = ask(videos=[still], reuse_still=True)
    ran(run, program)
    assert run.broker.counts.reused == 0


def test_tasks_that_look_at_one_frame_are_those_that_are_reused(registry: Registry) -> None:
    modules = registry.choose()
    looks = {task for task, spec in modules.items() if frame_of(spec) is not None}
    assert {"find_square", "detect", "read_text"} <= looks
    assert not looks & {"track", "find_shots", "frame_at", "crop", "link", "weigh_frames"}


@pytest.mark.parametrize("size_hw", [(720, 1280), (2160, 3840), (120, 160), (1280, 720)])
def test_what_is_a_thirtieth_of_the_picture_is_seen_to_come(size_hw: tuple[int, int]) -> None:
    height, width = size_hw
    side = max(size_hw) // 30
    empty = np.full((height, width, 3), 90, np.uint8)
    for row, column in ((0, 0), (height // 16 - side // 2, width // 16 - side // 2), (41, 83)):
        shown = empty.copy()
        shown[row : row + side, column : column + side] += 40
        assert not is_still(small_look(_thinned(empty)), small_look(_thinned(shown)))
