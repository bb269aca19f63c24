"""Overlap and combination of masks: hand cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.drawing import draw_video
from tests.modules.scenes import Opened
from vprog.errors import ModuleFailedError, ModuleInputError, TraceError
from vprog.registry.call_context import using
from vprog.registry.mask_store import MaskStore, masks_in
from vprog.types import Box, Frame, Mask
from vprog.types.mask_rle import encode_mask
from vprog_modules.segmentation.mask_algebra import CombineMasksBitmaps, MaskOverlapBitmaps

FRAME = Frame(0, 0.5)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = draw_video(tmp_path_factory.mktemp("clips") / "clip.mp4", 10, size=(64, 48))
    with Opened(path) as opened:
        yield opened


def rectangle(opened: Opened, x0: int, y0: int, x1: int, y1: int, score: float = 0.5) -> Mask:
    bitmap = np.zeros((48, 64), bool)
    bitmap[y0:y1, x0:x1] = True
    return opened.context.mask(FRAME, bitmap, score)


def test_mask_says_its_box_area_and_score(opened: Opened) -> None:
    mask = rectangle(opened, 10, 5, 30, 25, score=1.3)
    assert mask[:4] == (FRAME, Box(10.0, 5.0, 30.0, 25.0), 400.0, 1.0)
    assert opened.context.masks[mask.key] == encode_mask(opened.context.bitmap(mask)).text()


def test_overlap_is_intersection_over_union(opened: Opened) -> None:
    one, other = rectangle(opened, 0, 0, 20, 10), rectangle(opened, 10, 0, 30, 10)
    assert opened(MaskOverlapBitmaps, one, other) == pytest.approx(100 / 300)
    assert opened(MaskOverlapBitmaps, one, one) == 1.0
    assert opened(MaskOverlapBitmaps, one, rectangle(opened, 20, 0, 30, 10)) == 0.0


@pytest.mark.parametrize(
    ("how", "box", "area"),
    [
        ("both", Box(10.0, 0.0, 20.0, 10.0), 100.0),
        ("either", Box(0.0, 0.0, 30.0, 10.0), 300.0),
        ("first only", Box(0.0, 0.0, 10.0, 10.0), 100.0),
    ],
)
def test_combined_masks(opened: Opened, how: Any, box: Box, area: float) -> None:
    one, other = rectangle(opened, 0, 0, 20, 10, 0.9), rectangle(opened, 10, 0, 30, 10, 0.4)
    (mask,) = opened(CombineMasksBitmaps, one, other, how)
    assert (mask.box, mask.area, mask.score, mask.frame) == (box, area, 0.4, FRAME)


def test_nothing_left_is_no_mask_and_two_frames_are_refused(opened: Opened) -> None:
    one = rectangle(opened, 0, 0, 20, 10)
    assert opened(CombineMasksBitmaps, one, one, "first only") == []
    with pytest.raises(ModuleInputError, match="of two frames"):
        opened(CombineMasksBitmaps, one, one._replace(frame=Frame(0, 0.8)), "both")


def test_a_mask_that_no_module_gave_is_refused(opened: Opened) -> None:
    one = rectangle(opened, 0, 0, 20, 10)
    with pytest.raises(ModuleInputError, match="no module gave a mask of the key 'beef'"):
        opened(MaskOverlapBitmaps, one, one._replace(key="beef"))


def test_an_empty_mask_or_one_of_another_size_is_a_fault(opened: Opened) -> None:
    with using(opened.context) as context:
        with pytest.raises(ModuleFailedError, match=r"nothing was outlined .* at 0:00.5"):
            context.mask(FRAME, np.zeros((48, 64), bool), 0.5)
        with pytest.raises(ModuleFailedError, match=r"a mask of \(3, 3\) for a frame of"):
            context.mask(FRAME, np.ones((3, 3), bool), 0.5)


def test_store_takes_bitmaps_of_others_only_under_their_hash(opened: Opened) -> None:
    mask = rectangle(opened, 3, 3, 9, 9)
    store = MaskStore()
    store.add({mask.key: opened.context.masks[mask.key]})
    assert store.bitmap(mask).sum() == 36
    with pytest.raises(TraceError, match="is not what was kept"):
        store.add({"0" * 64: opened.context.masks[mask.key]})


def test_masks_are_found_at_any_depth(opened: Opened) -> None:
    mask = rectangle(opened, 3, 3, 9, 9)
    assert list(masks_in({"a": [(mask, 1), None]})) == [mask]
