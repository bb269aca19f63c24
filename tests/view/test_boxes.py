"""Which boxes belong on a kept frame."""

from __future__ import annotations

from pathlib import Path

from tests.view.runs import called, ended, program, started, write
from vprog.trace.event import PictureKept
from vprog.types import Box, Detection, Frame, Span, TextSpan, Track
from vprog.view.boxes import boxes_of
from vprog.view.steps import Story

BOX, OTHER = Box(1.0, 1.0, 2.0, 2.0), Box(5.0, 5.0, 6.0, 6.0)
DOG = Detection("dog", BOX, 0.5, Frame(0, 1.0))


def picture(time: float, video: int = 0) -> PictureKept:
    return PictureKept(video=video, time=time, file="f", width=9, height=9, scale=1.0)


def boxes_in(story: Story, kept: PictureKept) -> list[tuple[Box, str]]:
    return [(labelled.box, labelled.label) for labelled in boxes_of(story.steps, [kept])[0]]


def test_boxes_of_the_frames_time_and_video(tmp_path: Path) -> None:
    track = Track(
        1, "dog", Span(1.0, 2.0), [DOG, DOG._replace(box=OTHER, frame=Frame(0, 2.0))], 0.5
    )
    sign = TextSpan("EXIT", 1.5, 3.0, OTHER, 0.75)
    story = Story(
        write(tmp_path / "r", started(), program("x"), called(1, [DOG, DOG]), called(2, [track]),
              called(3, [sign], video=1), ended())
    )  # fmt: skip
    assert boxes_in(story, picture(1.0)) == [(BOX, "dog 0.50")]
    assert boxes_in(story, picture(2.0)) == [(OTHER, "dog 0.50")]
    assert boxes_in(story, picture(1.5)) == []
    assert boxes_in(story, picture(1.5, video=1)) == [(OTHER, "EXIT 0.75")]
    first, second = boxes_of(story.lines[0].calls, [picture(2.0), picture(1.0)])
    assert first == []
    assert [(labelled.box, labelled.label) for labelled in second] == [(BOX, "dog 0.50")]


def test_boxes_are_never_too_many_to_see(tmp_path: Path) -> None:
    many = [DOG._replace(box=Box(0.0, 0.0, 1.0, float(k))) for k in range(1, 500)]
    story = Story(write(tmp_path / "r", started(), program("x"), called(1, many), ended()))
    assert len(boxes_in(story, picture(1.0))) == 60
