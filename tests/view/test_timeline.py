"""The timeline: a lane for each line that looked at a video."""

from __future__ import annotations

from pathlib import Path

from tests.view.runs import answered, called, ended, program, started, write
from vprog.trace.event import RecordedEvidence
from vprog.types import Event, Frame, Level
from vprog.view.html.timeline_layout import timeline_layout
from vprog.view.run_words import shown_evidence
from vprog.view.steps import Story
from vprog.view.timeline import lanes_of, timelines_of


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
    assert [(lane.label, len(lane.marks), len(lane.curve)) for lane in lanes] == [
        ("1  find_black", 1, 0), ("2  count", 1, 0), ("3  measure", 0, 2),
        ("4  other", 1, 0),  # the frame that it looked at
    ]  # fmt: skip
    assert lanes[1].marks[0].start == Frame(0, 0.5).time


def test_timeline_is_bounded_and_stays_inside(tmp_path: Path) -> None:
    evidence = [
        RecordedEvidence(video=0, start=99.0, end=200.0, box=None, text="x", supported=True)
    ]
    many = [Event("e", k / 200, k / 200, 0.5) for k in range(2000)]
    story = Story(
        write(tmp_path / "r", started(), program("a"), called(1, many), called(1, many),
              answered(1, evidence), ended())
    )  # fmt: skip
    (timeline,) = timelines_of(story, shown_evidence(story.answered, n_videos=1))
    assert timeline.title == "clip.mp4"
    found = timeline.lanes[0]
    assert 0 < len(found.marks) <= 400
    drawing = timeline_layout(timeline)
    assert drawing.lanes[0].is_evidence
    assert drawing.lanes[0].marks[0].x == 976.0  # times after the end lie at the end


def test_timeline_of_nothing_is_none(tmp_path: Path) -> None:
    story = Story(write(tmp_path / "r", started(), program("a"), ended()))
    assert timelines_of(story, []) == []
