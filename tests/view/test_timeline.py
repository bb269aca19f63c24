"""The timeline: a lane for each line that looked at a video."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import EvidenceItem
from vprog.types import Event, Frame, Level
from vprog.view.steps import Story
from vprog.view.timeline import clock, lanes_of, timelines


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0:00"), (7.0, "0:07"), (7.5, "0:07.5"), (59.999, "1:00"), (60.0, "1:00"),
     (61.25, "1:01.25"), (3600.0, "1:00:00"), (3725.5, "1:02:05.5"), (0.004, "0:00")],
)  # fmt: skip
def test_clock_is_how_people_write_times(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_lanes_of_lines_that_looked_at_the_video(tmp_path: Path) -> None:
    story = Story(
        write(
            tmp_path / "r", started(), program("a\nb\nc\nd"),
            called(1, [Event("black", 1.0, 2.0, 0.5)], task="find_black"),
            called(2, 3, arguments=called(1, 1).arguments, task="count"),
            called(3, [Level(0.0, 1.0), Level(1.0, 2.0)], task="measure"),
            called(4, [Event("x", 1.0, 2.0, 0.5)], task="other", video=1), ended(),
        )
    )  # fmt: skip
    lanes = lanes_of(story.lines, 0)
    assert [(lane.label, len(lane.places), len(lane.curve)) for lane in lanes] == [
        ("1  find_black", 1, 0), ("2  count", 1, 0), ("3  measure", 0, 2),
        ("4  other", 1, 0),  # the frame that it looked at
    ]  # fmt: skip
    assert lanes[1].places[0].start == Frame(0, 0.5).time


def test_timeline_is_bounded_and_stays_inside(tmp_path: Path) -> None:
    evidence = [EvidenceItem(video=0, start=99.0, end=200.0, box=None, text="x", supported=True)]
    many = [Event("e", k / 200, k / 200, 0.5) for k in range(2000)]
    story = Story(
        write(tmp_path / "r", started(), program("a"), called(1, many), called(1, many),
              answered(1, evidence), ended())
    )  # fmt: skip
    ((title, svg),) = timelines(story)
    assert title == "clip.mp4"
    assert svg.count('class="mark"') <= 400
    assert 'x="976.0"' in svg  # times after the end lie at the end


def test_timeline_of_nothing_is_none(tmp_path: Path) -> None:
    assert timelines(Story(write(tmp_path / "r", started(), program("a"), ended()))) == []
