"""`segment` and `track` ask the modules that serve other tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import vprog
from tests.drawing import draw_video, square_box
from vprog.registry.call_context import Pixels, current
from vprog.registry.module import Call, implements, spec_of
from vprog.registry.registry import Registry
from vprog.types import Box, Detection, Frame, Mask
from vprog_modules.frames.frame_at_index import FrameAtIndex
from vprog_modules.frames.sample_frames_even import SampleFramesEven
from vprog_modules.segmentation.mask_algebra import CombineMasksBitmaps
from vprog_modules.segmentation.segment_detections import SegmentDetections
from vprog_modules.tracking.track_detections import TrackDetections

SIZES: list[int] = []


@implements("detect", batch=16, rank=30, backend="red pixels", pixels=Pixels("frame"))
class DetectRed:
    """Finds the red square by its colour; its score falls where it is near the left edge."""

    def __call__(self, frame: Frame, label: str, *, min_score: float = 0.25) -> list[Detection]:
        return _red(frame, label, min_score, current().pictures[0])

    def batch(self, calls: Sequence[Call]) -> list[list[Detection]]:
        SIZES.append(len(calls))
        return [
            _red(
                call.arguments["frame"],  # type: ignore[arg-type]
                str(call.arguments["label"]),
                float(call.arguments["min_score"]),  # type: ignore[arg-type]
                call.context.pictures[0],
            )
            for call in calls
        ]


def _red(frame: Frame, label: str, least: float, pixels: np.ndarray) -> list[Detection]:  # type: ignore[type-arg]
    is_red = (pixels[..., 0] > 150) & (pixels[..., 1] < 90)
    rows, columns = np.nonzero(is_red)
    if not len(rows):
        return []
    box = Box(*map(float, (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)))
    score = 0.2 if 30 <= box.x0 < 50 else 0.8
    return [Detection(label, box, score, frame)] if score >= least else []


@implements("segment_at", batch=8, rank=30, backend="red pixels", pixels=Pixels("frame"))
class SegmentRed:
    """Outlines what is red in a box."""

    def __call__(
        self,
        frame: Frame,
        place: Box | list[tuple[float, float]],
        *,
        without: list[tuple[float, float]] | None = None,
    ) -> Mask:
        assert isinstance(place, Box)
        pixels = current().pictures[0]
        bitmap = np.zeros(pixels.shape[:2], bool)
        inside = np.s_[int(place.y0) : int(place.y1), int(place.x0) : int(place.x1)]
        bitmap[inside] = pixels[inside][..., 0] > 150
        return current().mask(frame, bitmap, 0.6)


MODULES = (FrameAtIndex, DetectRed, SegmentRed, SegmentDetections, TrackDetections)


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    return draw_video(tmp_path / "clip.mp4", 20)


def test_segment_outlines_what_is_detected(home: Path, clip: Path) -> None:
    program = """
masks = segment(frame_at(video, 0.5), "square")
answer(f"{len(masks)} {masks[0].area} {masks[0].score}", evidence=masks)
"""
    results = [vprog.run(clip, program, registry=Registry(map(spec_of, MODULES))) for _ in range(2)]
    vprog.close()
    count, area, score = str(results[0].answer).split()
    x0, y0, x1, y1 = square_box(5, 160, 120)
    assert (count, score) == ("1", "0.6")
    assert float(area) == pytest.approx((x1 - x0) * (y1 - y0), rel=0.15)
    evidence = results[0].evidence[0]
    assert evidence.supported
    assert evidence.box == pytest.approx((x0, y0, x1, y1), abs=2)
    assert results[0].coverage  # what the asked modules looked at is what it looked at
    assert results[1].answer == results[0].answer
    assert results[1].cost.module_calls["executed"] == 0


def test_a_question_about_outlines_is_answered_where_segment_is(home: Path, clip: Path) -> None:
    registry = Registry(map(spec_of, (*MODULES, SampleFramesEven, CombineMasksBitmaps)))
    lacking = (FrameAtIndex, CombineMasksBitmaps)
    question = "What share of the picture does the dog cover at 0.5 s?"
    result = vprog.solve(clip, question, registry=registry)
    largest = vprog.solve(clip, "When is the dog largest in the picture?", registry=registry)
    bare = vprog.solve(clip, question, registry=Registry(map(spec_of, lacking)))
    vprog.close()
    x0, y0, x1, y1 = square_box(5, 160, 120)
    share = 100 * (x1 - x0) * (y1 - y0) / (160 * 120)
    assert result.answer == pytest.approx(share, rel=0.15), result.error
    assert result.evidence[0].supported
    assert largest.status == "abstained"  # the square keeps its size
    assert "about as large at several times" in str(largest.error)
    assert bare.status == "abstained"
    assert "module segment" in str(bare.error)


def test_what_was_detected_before_is_not_detected_again(home: Path, clip: Path) -> None:
    program = """
frame = frame_at(video, 0.5)
found = detect(frame, "square", min_score=0.25)
answer(len(segment(frame, "square")))
"""
    result = vprog.run(clip, program, registry=Registry(map(spec_of, MODULES)))
    vprog.close()
    assert result.answer == 1
    # frame_at, detect, segment, and the outline that segment asked for
    assert result.cost.module_calls["executed"] == 4


def test_track_keeps_faint_sightings_and_asks_in_batches(home: Path, clip: Path) -> None:
    SIZES.clear()
    program = """
tracks = track(video, "square", fps=10.0)
seen = [detection.score for detection in tracks[0].detections]
answer(f"{len(tracks)} {len(seen)} {min(seen)}", evidence=tracks)
"""
    result = vprog.run(clip, program, registry=Registry(map(spec_of, MODULES)))
    vprog.close()
    assert result.answer == "1 20 0.2"  # one thing all along, though it is faint for a while
    assert result.evidence[0].supported
    assert max(SIZES) > 4


def test_a_thing_that_is_never_clear_begins_no_track(home: Path, clip: Path) -> None:
    program = """
answer(len(track(video, "square", span=Span(0.8, 1.1), fps=10.0)))
"""
    result = vprog.run(clip, program, registry=Registry(map(spec_of, MODULES)))
    vprog.close()
    assert result.answer == 0


def test_a_replay_of_masks_and_tracks_is_the_same(home: Path, clip: Path) -> None:
    program = """
masks = segment(frame_at(video, 0.5), "square")
answer(masks[0].area, evidence=[masks[0], track(video, "square")[0]])
"""
    registry = Registry(map(spec_of, MODULES))
    result = vprog.run(clip, program, registry=registry)
    vprog.close()
    assert result.trace_path is not None
    assert vprog.replay(result.trace_path, registry=registry).first_difference is None
