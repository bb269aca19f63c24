"""SAM 2 through transformers: real loading code on a tiny model with random weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="transformers models need torch")
pytest.importorskip("transformers", reason="the extra hf is not installed")

import vprog
from tests.drawing import draw_video
from tests.modules.objects.tiny_detectors import OWLV2, save_tiny_detector
from tests.modules.scenes import Opened
from tests.modules.segmentation.tiny_sam2 import SIDE, save_tiny_sam2
from vprog.errors import ModuleInputError
from vprog.models.hf.vision import load_vision_model
from vprog.models.weights import named_weights
from vprog.registry.call_context import CallContext, using
from vprog.registry.mask_store import MaskStore
from vprog.registry.module import Call, ModuleSpec, spec_of
from vprog.registry.registry import Registry
from vprog.testing import check_module
from vprog.types import Box, Frame, Mask, Span
from vprog_modules.frames.picture import PixelArea
from vprog_modules.objects.detect_owlv2 import DetectOwlv2
from vprog_modules.segmentation.mask_algebra import CombineMasksBitmaps, MaskOverlapBitmaps
from vprog_modules.segmentation.place_segmenter import Shown
from vprog_modules.segmentation.prompts import prompt_of
from vprog_modules.segmentation.sam2 import pixel_values
from vprog_modules.segmentation.segment_at_sam2 import SegmentAtSam2, prompt_tensors
from vprog_modules.segmentation.segment_detections import SegmentDetections
from vprog_modules.segmentation.track_mask_sam2 import TrackMaskSam2, mask_input
from vprog_modules.tracking.track_detections import TrackDetections

SPEC = spec_of(SegmentAtSam2)
WHOLE, LATER = Frame(0, 0.5), Frame(0, 1.0)
REGION = Box(20.0, 20.0, 101.0, 95.0)
PLACE = Box(20.0, 60.0, 60.0, 90.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_sam2(tmp_path_factory.mktemp("sam2"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def opened(clip: Path) -> Iterator[Opened]:
    with Opened(clip) as opened:
        yield opened


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> Iterator[SegmentAtSam2]:
    module = SegmentAtSam2()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


@pytest.fixture(scope="module")
def tracker(folder: Path) -> Iterator[TrackMaskSam2]:
    module = TrackMaskSam2()
    module.load("cpu", named_weights(str(folder)))
    yield module
    module.unload()


def call_of(context: CallContext, frame: Frame, place: Any, without: Any = None) -> Call:
    return Call.of(SPEC, {"frame": frame, "place": place, "without": without}, context)


def outlined(
    segmenter: SegmentAtSam2, context: CallContext, frame: Frame, place: Any, without: Any = None
) -> Mask:
    call = call_of(context, frame, place, without)
    with using(call.context):
        return segmenter(**call.arguments)


def test_places_reach_the_network_as_the_vendors_processor_sends_them(folder: Path) -> None:
    """Resize only: (x, y) times side over width and height, with fractions."""
    model = load_vision_model(str(folder), "cpu", "Sam2Model", has_processor=False)
    pixels = np.zeros((75, 81, 3), np.uint8)
    shown = Shown(PixelArea(pixels, 20.0, 20.0, 1.0, 1.0), (75, 81))
    prompt = prompt_of(Box(20.0, 20.0, 101.0, 95.0), [(60.5, 57.5)], shown.picture)
    tensors = prompt_tensors(model, shown, prompt)
    assert tensors["input_boxes"].flatten().tolist() == pytest.approx([0, 0, SIDE, SIDE])
    assert tensors["input_points"].flatten().tolist() == pytest.approx([SIDE / 2, SIDE / 2])
    assert tensors["input_labels"].flatten().tolist() == [0]


@pytest.mark.parametrize("scale", [1.0, 0.4, 2.75])
def test_corners_of_a_box_go_to_the_picture_and_back_exactly(scale: float) -> None:
    picture = PixelArea(np.zeros((60, 80, 3), np.uint8), 13.0, 7.0, scale, scale)
    box = Box(13.0 + 3.3 * scale, 7.0 + 1.7 * scale, 13.0 + 41.9 * scale, 7.0 + 58.1 * scale)
    shown = prompt_of(box, None, picture).box
    assert shown is not None
    assert tuple(shown) == pytest.approx((3.3, 1.7, 41.9, 58.1), abs=1e-9)
    assert tuple(picture.box(*shown)) == pytest.approx(tuple(box), abs=0.01)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Box(-30.0, 0.0, -1.0, 20.0), "no part inside the picture"),
        ([(500.0, 10.0)], r"the point \(500.0, 10.0\) lies outside"),
        ([], "expected a box, or at least one point"),
        ([(1.0, 1.0)] * 65, "expected at most 64 points, got 65"),
    ],
)
def test_places_outside_the_picture_are_refused(
    segmenter: SegmentAtSam2, opened: Opened, place: Any, said: str
) -> None:
    with pytest.raises(ModuleInputError, match=said):
        outlined(segmenter, CallContext(opened.source), WHOLE, place)


def test_mask_is_what_the_network_says_of_that_place(
    segmenter: SegmentAtSam2, opened: Opened, folder: Path
) -> None:
    import torch
    from transformers import Sam2Model

    context = CallContext(opened.source)
    mask = outlined(segmenter, context, WHOLE, PLACE)
    network = Sam2Model.from_pretrained(folder).eval()
    model = load_vision_model(str(folder), "cpu", "Sam2Model", has_processor=False)
    values = pixel_values(model, [opened.source.pixels(WHOLE)])
    scale = torch.tensor([SIDE / 160, SIDE / 120] * 2)
    with torch.inference_mode():
        outputs = network(
            pixel_values=values,
            input_boxes=(torch.tensor(PLACE) * scale).reshape(1, 1, 4),
            multimask_output=False,
        )
    logits = torch.nn.functional.interpolate(
        outputs.pred_masks[0], (120, 160), mode="bilinear", align_corners=False
    )
    expected = (logits[0, 0] > 0).numpy()
    found = context.bitmap(mask)
    assert (found != expected).mean() < 1e-3
    assert mask.score == pytest.approx(float(outputs.iou_scores[0, 0, 0]), abs=1e-3)
    assert mask.area == found.sum()
    rows, columns = np.nonzero(found)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert tuple(mask.box) == box


def test_batch_gives_what_single_calls_give_and_looks_at_each_picture_once(
    folder: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import Sam2Model

    looked: list[int] = []
    encode = Sam2Model.get_image_embeddings

    def counted(self: Any, values: Any, **kwargs: Any) -> Any:
        looked.append(len(values))
        return encode(self, values, **kwargs)

    monkeypatch.setattr(Sam2Model, "get_image_embeddings", counted)
    asked: list[tuple[Frame, Any, Any]] = [
        (WHOLE, PLACE, None),
        (LATER, PLACE, [(22.0, 61.0)]),
        (WHOLE, [(30.0, 70.0)], None),
        (WHOLE, [(30.0, 70.0), (40.0, 75.0)], [(150.0, 10.0)]),
        (Frame(0, 0.5, REGION), Box(30.0, 30.0, 60.0, 60.0), None),
    ]
    module = SegmentAtSam2()
    module.load("cpu", named_weights(str(folder)))
    store = MaskStore()
    context = CallContext(opened.source, masks=store)
    batch = module.batch(
        [call_of(CallContext(opened.source, masks=store), *call) for call in asked]
    )
    assert looked == [3]
    single = [outlined(module, context, *call) for call in asked]
    assert looked == [3]  # the embeddings are kept
    module.unload()
    for one, other in zip(batch, single, strict=True):
        assert (context.bitmap(one) != context.bitmap(other)).mean() < 1e-3
        assert one.score == pytest.approx(other.score, abs=1e-3)


def test_mask_of_a_region_lies_in_the_whole_frame(segmenter: SegmentAtSam2, opened: Opened) -> None:
    context = CallContext(opened.source)
    mask = outlined(segmenter, context, Frame(0, 0.5, REGION), [(60.0, 60.0)])
    bitmap = context.bitmap(mask)
    assert bitmap.shape == (120, 160)
    outside = bitmap.copy()
    outside[20:95, 20:101] = False
    assert not outside.any()
    assert mask.frame.region == REGION


def test_modules_conform(folder: Path) -> None:
    bound = replace(SPEC, weights=(named_weights(str(folder)),))
    place = Box(20.0, 30.0, 90.0, 80.0)
    assert check_module(bound, arguments={"place": place}) == []
    points = [(30.0, 40.0)]
    assert check_module(bound, arguments={"place": points, "without": [(90.0, 90.0)]}) == []


def test_modules_that_ask_or_follow_conform(folder: Path, tmp_path: Path) -> None:
    def bound(module: type, at: Path) -> ModuleSpec:
        return replace(spec_of(module), weights=(named_weights(str(at)),))

    pytest.importorskip("scipy", reason="the extra hf is not installed")
    detector = bound(DetectOwlv2, save_tiny_detector(tmp_path / "owlv2", OWLV2))
    segment = replace(spec_of(SegmentDetections), asked=(detector, bound(SegmentAtSam2, folder)))
    assert check_module(segment, arguments={"label": "person", "min_score": 0.05}) == []
    track = replace(spec_of(TrackDetections), asked=(detector,))
    assert check_module(track, arguments={"label": "person"}) == []
    assert check_module(bound(TrackMaskSam2, folder)) == []


def test_mask_follows_as_the_vendors_own_loop_follows(
    tracker: TrackMaskSam2, segmenter: SegmentAtSam2, opened: Opened, folder: Path
) -> None:
    """All frames at hand from the start, through propagate_in_video_iterator."""
    import torch
    from transformers import Sam2VideoModel
    from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

    context = CallContext(opened.source)
    mask = outlined(segmenter, context, Frame(0, 0.0), PLACE)
    with using(context):
        masks = tracker(opened.video, mask, fps=10.0)
    assert masks[0] == mask
    assert [item.frame.time for item in masks] == pytest.approx([n / 10 for n in range(20)])
    model = load_vision_model(str(folder), "cpu", "Sam2VideoModel", has_processor=False)
    frames = [opened.source.pixels(item.frame) for item in masks]
    session = Sam2VideoInferenceSession(
        video=pixel_values(model, frames),
        video_height=120,
        video_width=160,
        dtype=torch.float32,
    )
    session.add_mask_inputs(session.obj_id_to_idx(1), 0, mask_input(model, context.bitmap(mask)))
    session.obj_with_new_inputs = [1]
    network = Sam2VideoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        theirs = list(network.propagate_in_video_iterator(session, start_frame_idx=0))
    for item, output in zip(masks[1:], theirs[1:], strict=True):
        logits = torch.nn.functional.interpolate(
            output.pred_masks, (120, 160), mode="bilinear", align_corners=False
        )
        different = context.bitmap(item) != (logits[0, 0] > 0).numpy()
        assert different.mean() < 0.01


def test_mask_is_followed_back_as_well_and_only_in_the_span(
    tracker: TrackMaskSam2, segmenter: SegmentAtSam2, opened: Opened
) -> None:
    context = CallContext(opened.source)
    mask = outlined(segmenter, context, LATER, PLACE)
    with using(context):
        masks = tracker(opened.video, mask, fps=5.0)
        later = tracker(opened.video, mask, span=Span(1.2, 1.6), fps=5.0)
    times = [item.frame.time for item in masks]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert mask in masks
    assert [item.frame.time for item in later] == pytest.approx([1.2, 1.4, 1.6])


def test_a_mask_of_another_video_or_of_nobody_is_refused(
    tracker: TrackMaskSam2, opened: Opened
) -> None:
    made_up = Mask(WHOLE, PLACE, 100.0, 0.9, "0" * 64)
    with using(CallContext(opened.source)):
        with pytest.raises(ModuleInputError, match="no module gave a mask of the key"):
            tracker(opened.video, made_up)
        with pytest.raises(ModuleInputError, match="of video 3, not of 0"):
            tracker(opened.video, made_up._replace(frame=Frame(3, 0.5)))


PROGRAM = """
frame = frame_at(video, 0.5)
cup = segment_at(frame, Box(20.0, 60.0, 60.0, 90.0))
rest = combine_masks(cup, segment_at(frame, [(100.0, 30.0)]), "first only")
shared = mask_overlap(cup, cup)
masks = track_mask(video, cup, fps=2.0)
answer(f"{shared} {len(masks)} {cup.area >= sum([part.area for part in rest])}", evidence=masks)
"""


def test_masks_survive_the_cache_a_replay_and_the_trace(
    home: Path, clip: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vprog_modules.frames.frame_at_index import FrameAtIndex

    registry = Registry(
        map(
            spec_of,
            (FrameAtIndex, SegmentAtSam2, TrackMaskSam2, MaskOverlapBitmaps, CombineMasksBitmaps),
        )
    )
    monkeypatch.setenv("VPROG_CACHE_DIR", str(tmp_path / "cache"))
    modules = {
        "segment_at": f"SegmentAtSam2:{folder}",
        "track_mask": f"TrackMaskSam2:{folder}",
    }
    first = vprog.run(clip, PROGRAM, registry=registry, modules=modules)
    vprog.close()  # what is in memory is gone
    second = vprog.run(clip, PROGRAM, registry=registry, modules=modules)
    vprog.close()
    assert first.answer == "1.0 5 True"
    assert all(item.supported and item.box for item in first.evidence)
    assert (second.answer, second.evidence) == (first.answer, first.evidence)
    assert second.cost.module_calls["executed"] == 0
    assert first.trace_path is not None
    repeated = vprog.replay(first.trace_path, registry=registry)
    assert repeated.first_difference is None
    changed = vprog.replay(
        first.trace_path,
        edits={4: 'rest = combine_masks(cup, cup, "both")'},
        registry=registry,
        modules={"combine_masks": "CombineMasksBitmaps"},
    )
    assert changed.result.answer == "1.0 5 True"  # of a bitmap that the trace holds
