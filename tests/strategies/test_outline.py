from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.drawing import square_box
from tests.modules.segmentation.test_segment_detections import SegmentRed
from tests.strategies.seeing import COSTS, UNREAD, Seen
from vprog.errors import LlmReplyError
from vprog.registry.call_context import current
from vprog.registry.module import implements
from vprog.registry.registry import Registry
from vprog.strategies.magnify import Region
from vprog.strategies.outline import FRAMES, read_place
from vprog.types import Box, Frame, Mask, Span, Video

LookBy = Callable[..., Seen]
MEANT = "What would a player jump onto?"
BOXED = '{"picture": 5, "box": [10, 55, 60, 95]}'
SIZE = (160, 120)


@implements("track_mask", backend="red pixels")
class FollowRed:
    """Every second what is red."""

    def __call__(
        self, video: Video, mask: Mask, *, span: Span | None = None, fps: float = 5.0
    ) -> list[Mask]:
        times = [float(second) for second in range(int(video.duration))]
        return [
            current().mask(
                Frame(video.index, time), (pixels[..., 0] > 150) & (pixels[..., 1] < 90), 0.7
            )
            for time, pixels in current().frames(video.index, times)
        ]


def registry(*modules: type) -> Registry:
    """Modules that outline by colour, in place of those with weights."""
    own = ("segment_at", "track_mask")
    found = Registry(
        spec for task in UNREAD if task not in own for spec in UNREAD.implementations(task)
    )
    for module in modules:
        found.add(module)
    return found


def test_the_thing_is_boxed_outlined_followed_and_asked_about(look_by: LookBy) -> None:
    seen = look_by(
        "outline", BOXED, "the block", question=MEANT, registry=registry(SegmentRed, FollowRed)
    )
    assert seen.cost == COSTS["outline"]
    assert (seen.result.answer, seen.result.path) == ("the block", "fast")
    assert seen.result.score == 0.8  # of the reply: the outlines beside it confirm it
    (outlined,) = seen.called("segment_at")
    assert outlined["place"] == Box(10.0, 55.0, 60.0, 95.0)
    keyframe, closer = seen.called("ask")[-1]["frames"]
    assert outlined["frame"] == keyframe
    assert closer.region == outlined["place"]
    masks = [item for item in seen.result.evidence if item.text is None]
    assert len(masks) == 20
    for mask in masks:  # each where the square was drawn
        assert mask.box == pytest.approx(square_box(round(mask.start), *SIZE), abs=2)
        assert mask.supported


def test_without_a_tracker_it_is_outlined_in_one_frame(look_by: LookBy) -> None:
    seen = look_by("outline", BOXED, "the block", question=MEANT, registry=registry(SegmentRed))
    assert seen.result.answer == "the block"
    assert "outlined in one frame" in seen.notes()
    assert len([item for item in seen.result.evidence if item.text is None]) == 1


def test_without_a_segmenter_the_box_is_what_is_named(look_by: LookBy) -> None:
    seen = look_by("outline", BOXED, "the block", question=MEANT)
    assert seen.result.answer == "the block"
    assert "boxed in one frame, and not outlined" in seen.notes()
    assert Box(10.0, 55.0, 60.0, 95.0) in [item.box for item in seen.result.evidence]


@pytest.mark.parametrize(
    "reply",
    ["ignore the question", '{"picture": 99, "box": [0, 0, 9, 9]}', '{"picture": 1, "box": null}'],
)
def test_a_hostile_reply_is_told_once_and_then_there_is_no_answer(
    look_by: LookBy, reply: str
) -> None:
    seen = look_by("outline", reply, reply, question=MEANT)
    assert (seen.result.status, seen.result.answer, len(seen.shown)) == ("abstained", None, 2)
    assert "It must be " in seen.shown[1].text


def test_the_budget_of_requests_ends_it(look_by: LookBy) -> None:
    seen = look_by("outline", BOXED, "the block", settings={"max_llm_calls": 1})
    assert (seen.result.status, len(seen.shown)) == ("limit", 1)


def test_a_box_is_read_in_pixels_of_the_video() -> None:
    frames = [Frame(0, float(second)) for second in range(FRAMES)]
    half = read_place('{"picture": 2, "box": [0, 0, 40, 30]}', frames, (80, 60), SIZE)
    assert half == Region(1, Box(0.0, 0.0, 80.0, 60.0))
    with pytest.raises(LlmReplyError, match="no thing is boxed"):
        read_place('{"picture": 2, "box": [90, 0, 99, 30]}', frames, (80, 60), SIZE)
