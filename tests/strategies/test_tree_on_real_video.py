"""A question about real video, solved by a program of several cells through tree search."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.strategies.conftest import Desk, cell
from vprog.trace.event import CellStarted, ModuleCalled, Voted

REPLIES = [
    cell("black = find_black(video)"),
    cell("between = [each for each in black if 3.0 < each.start and each.end < 20.0]"),
    cell("answer(between[0].start, evidence=[between[0]])"),
    # Another way: the brightness of the picture.
    cell("levels = measure_brightness(video, fps=10.0)"),
    cell("dark = [each for each in levels if 3.0 < each.time and each.level < 0.02]"),
    cell("dark = [each for each in levels if 3.0 < each.time and each.value < 0.02]"),
    cell("answer(dark[0].time, evidence=[dark[0]])"),
    # And a guess.
    cell("answer(9.0)"),
]


def test_two_ways_agree_on_when_the_picture_is_black_and_outweigh_a_guess(
    desk: Desk, media_dir: Path
) -> None:
    run = desk.over(media_dir / "shots" / "testvideo.mp4").ask(
        "tree",
        REPLIES,
        question="When is the picture black after the first shot?",
        answers=5,
        accept=2.0,
    )
    assert run.result.status == "answered"
    assert run.result.answer == pytest.approx(6.2, abs=0.4)  # faded out at 6.172 s
    assert run.result.program is not None
    assert run.result.program.count("\n") == 3
    run.assert_no_prefix_ran_twice()
    assert len(run.of(CellStarted)) == 7  # the cell with the wrong field never ran
    assert len(run.of(ModuleCalled)) == 2
    (voted,) = run.of(Voted)
    assert [ballot.party for ballot in voted.ballots] == [0, 0, 1]
