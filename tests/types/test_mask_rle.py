"""Run lengths of masks: hand cases, the COCO tools, and texts that are none."""

from __future__ import annotations

import numpy as np
import pytest

from vprog.errors import TraceError
from vprog.types.mask_rle import MaskRle, decode_mask, encode_mask


def test_runs_go_down_the_columns_from_the_top_left() -> None:
    bitmap = np.array([[0, 1, 1], [0, 1, 0]], bool)
    assert encode_mask(bitmap) == MaskRle((2, 3), "231")  # 2 zeros, 3 ones, 1 zero
    assert encode_mask(~bitmap) == MaskRle((2, 3), "023O")  # O: one less than two runs before
    assert encode_mask(bitmap).text() == '{"size":[2,3],"counts":"231"}'


@pytest.mark.parametrize(("height", "width", "share"), [
    (1, 1, 0.0), (1, 1, 1.0), (3, 5, 0.5), (480, 640, 0.0), (480, 640, 1.0), (97, 131, 0.02),
    (97, 131, 0.5), (1080, 1920, 0.001),
])  # fmt: skip
def test_text_gives_the_bitmap_back(height: int, width: int, share: float) -> None:
    bitmap = np.random.default_rng(height).random((height, width)) < share
    rle = encode_mask(bitmap)
    assert np.array_equal(decode_mask(rle.text()), bitmap)
    assert len(rle.key) == 64
    assert rle.key == encode_mask(bitmap.copy()).key


@pytest.mark.parametrize("seed", range(6))
def test_rle_is_that_of_pycocotools(seed: int) -> None:
    coco = pytest.importorskip("pycocotools.mask", reason="pycocotools is not installed")
    chance = np.random.default_rng(seed)
    bitmap = chance.random((chance.integers(1, 90), chance.integers(1, 90))) < chance.random()
    bitmap[: len(bitmap) // 2] |= seed % 2 == 0  # long runs too
    theirs = coco.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    rle = encode_mask(bitmap)
    assert (list(rle.size), rle.counts.encode()) == (theirs["size"], theirs["counts"])
    assert coco.area(theirs) == decode_mask(rle.text()).sum()


@pytest.mark.parametrize("text", [
    "", "{}", "[]", '{"size":[2,3],"counts":"23"}', '{"size":[2,3],"counts":"2311"}',
    '{"size":[2,3],"counts":"2\\u00e91"}', '{"size":[2,3],"counts":"23Q"}',
    '{"size":[99999,99999],"counts":"0"}', '{"size":[-1,-6],"counts":"6"}',
    '{"size":[2,3],"counts":"PPPPPPPPPPPPPPPPPPPP1"}',
    pytest.param('{"size":[2,3],"x":' + "[" * 9999 + "]" * 9999 + ',"counts":"6"}', id="deep"),
])  # fmt: skip
def test_texts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(TraceError, match="a mask cannot be read"):
        decode_mask(text)
