"""Masks in views, and as COCO's run lengths and PNG for other tools."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vprog
from tests.drawing import draw_video, square_box
from tests.modules.segmentation.test_segment_detections import MODULES
from vprog.errors import TraceError
from vprog.registry.module import spec_of
from vprog.registry.registry import Registry
from vprog.types import Box, Frame, Mask
from vprog.types.mask_rle import encode_mask
from vprog.view.mask_picture import KeptMask, overlay

PROGRAM = """
masks = segment(frame_at(video, 0.5), "square")
answer(len(masks), evidence=masks)
"""


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> vprog.Trace:
    folder = tmp_path_factory.mktemp("run")
    clip = draw_video(folder / "clip.mp4", 20)
    result = vprog.run(
        clip, PROGRAM, registry=Registry(map(spec_of, MODULES)),
        trace_dir=folder / "traces", cache_dir=folder / "cache",
    )  # fmt: skip
    vprog.close()
    assert result.trace_path is not None
    return vprog.Trace.load(result.trace_path)


def kept(bitmap: np.ndarray, box: Box) -> KeptMask:  # type: ignore[type-arg]
    rle = encode_mask(bitmap)
    mask = Mask(Frame(0, 0.0), box, float(bitmap.sum()), 0.9, rle.key)
    return KeptMask(mask, rle.text())


def test_trace_gives_each_mask_with_its_bitmap(trace: vprog.Trace) -> None:
    (mask,) = trace.masks
    x0, y0, x1, y1 = square_box(5, 160, 120)
    assert mask.bitmap.shape == (120, 160)
    assert mask.bitmap[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].all()
    assert mask.bitmap.sum() == mask.mask.area


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # theirs
def test_coco_reads_what_is_exported(trace: vprog.Trace) -> None:
    coco = pytest.importorskip("pycocotools.mask", reason="pycocotools is not installed")
    (mask,) = trace.masks
    exported = mask.coco()
    assert np.array_equal(coco.decode(exported["segmentation"]), mask.bitmap)
    assert coco.area(exported["segmentation"]) == exported["area"]
    assert coco.toBbox(exported["segmentation"]).tolist() == exported["bbox"]


def test_png_and_cut_out_show_the_thing_alone() -> None:
    bitmap = np.zeros((4, 6), bool)
    bitmap[1:3, 2:5] = True
    bitmap[1, 2] = False
    mask = kept(bitmap, Box(2.0, 1.0, 5.0, 3.0))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(mask.png()))), bitmap)
    pixels = np.full((4, 6, 3), 200, np.uint8)
    cut = np.asarray(mask.cut_out(pixels))
    assert cut.shape == (2, 3, 4)
    assert (cut[..., 3] == np.where(bitmap[1:3, 2:5], 255, 0)).all()
    with pytest.raises(TraceError, match="the mask has"):
        mask.cut_out(pixels[:2])


def test_overlay_is_clear_where_nothing_is_outlined() -> None:
    bitmap = np.zeros((40, 60), bool)
    bitmap[10:20, 30:60] = True
    png = base64.b64decode(overlay(encode_mask(bitmap).text(), (30, 20)))
    alpha = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[..., 3]
    assert (alpha > 0).tolist() == bitmap[::2, ::2].tolist()
    assert overlay('{"size":[2,2],"counts":"9"}', (30, 20)) == ""


def test_page_and_picture_show_the_mask(trace: vprog.Trace, tmp_path: Path) -> None:
    shown = [box for picture in trace.model.pictures for box in picture.boxes if box.mask]
    assert shown
    assert f"data:image/png;base64,{shown[0].mask}" in trace._repr_html_()
    (index,) = [n for n, (_, time) in enumerate(trace.frames) if time == 0.5]
    x0, y0, x1, y1 = square_box(5, 160, 120)
    with_mask = trace.frame(index).getpixel(((x0 + x1) // 2, (y0 + y1) // 2))
    jpeg = Image.open(io.BytesIO(trace.recording.picture(trace.story.pictures[index].file)))
    assert with_mask != jpeg.getpixel(((x0 + x1) // 2, (y0 + y1) // 2))
