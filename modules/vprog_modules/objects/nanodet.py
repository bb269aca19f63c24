"""NanoDet-g on onnxruntime: boxes of 80 kinds of things in one picture.

The network is one-stage and anchor-free (RangiLyu, NanoDet, 2020; its loss is that of X. Li et
al., "Generalized focal loss", 2020): at each cell of three grids it gives a score per label and,
for each side of a box, a distribution over distances from the cell's centre.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vprog.models.weights import Weights
from vprog.once import once
from vprog.types import Box
from vprog_modules.frames.network_output_cache import KeptOutputs, picture_key
from vprog_modules.objects.coco_labels import COCO
from vprog_modules.tracking.box_overlap import ScoredBox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vprog_modules.frames.picture import Pixels

    Floats = NDArray[np.float32]

WEIGHTS = Weights(
    id="nanodet-g-416",
    revision="human-models-3.0.4",
    licence="Apache-2.0",
    size_mb=8,
    file="objects/nanodet.onnx",
    sha256="c8fdc74e61ddb33bb48e2d1e3eeb5a3d0d3d1927d7ef17e68374cded2a4f9a14",
    package="vprog_modules",
    command="pip install --force-reinstall vprog",
)
SIDE = 416
"""Pixels of the square that the network sees; larger pictures are scaled into it."""

STRIDES = (8, 16, 32)
BINS = 11
BLUE_GREEN_RED_MEAN = (103.53, 116.28, 123.675)
BLUE_GREEN_RED_SPREAD = (57.375, 57.12, 58.395)
STEEPNESS, MIDDLE = 12.0, 0.49
"""From the network's score to the share of boxes that are right: a logistic function, set so that
of people before a fixed camera and of things judged by eye about 3 in 4 are right over 0.25 and
9 in 10 over 0.5."""

KEPT = 10
"""Pictures whose outputs are kept, 1.8 MB each."""

OVERLAP = 0.6
"""Two boxes of one label that overlap by more (IoU) are one thing."""


@once
def network() -> NanoDet:
    """The network, read once for all modules that use it.

    Raises:
        WeightsMissingError: the file is missing or not the one declared.
    """
    return NanoDet()


class NanoDet:
    """The loaded network. Calls from several threads are safe."""

    def __init__(self) -> None:
        """Read the weights.

        Raises:
            WeightsMissingError: the file is missing or not the one declared.
        """
        import numpy as np
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(WEIGHTS.verified()), options, providers=["CPUExecutionProvider"]
        )
        self._kept: KeptOutputs[tuple[list[Any], float, int, int]] = KeptOutputs(KEPT)
        self._centres = []
        for stride in STRIDES:
            rows, columns = np.mgrid[0 : SIDE // stride, 0 : SIDE // stride]
            cells = np.stack([columns, rows], axis=-1).reshape(-1, 2)
            self._centres.append((cells + 0.5) * stride)

    def find(self, pixels: Pixels, label: str, *, least: float) -> list[ScoredBox]:
        """Things of one kind in an RGB picture, best first, each once.

        Args:
            pixels: (H, W, 3).
            label: one of `COCO`.
            least: drop boxes scored lower.
        """
        import numpy as np

        at = COCO.index(label)
        raw_least = MIDDLE + math.log(least / (1 - least)) / STEEPNESS if 0 < least < 1 else least
        outputs, zoom, left, top = self._outputs(pixels)
        boxes, scores = [], []
        grids = zip(self._centres, STRIDES, outputs[:3], outputs[3:], strict=True)
        for centres, stride, labels, sides in grids:
            rows = np.flatnonzero(labels[0, :, at] >= raw_least)
            reach = _expected(sides[0, rows].reshape(-1, 4, BINS)) * stride
            boxes.append(np.hstack([centres[rows] - reach[:, :2], centres[rows] + reach[:, 2:]]))
            scores.append(labels[0, rows, at])
        corners = (np.concatenate(boxes) - [left, top, left, top]) / zoom
        height, width = pixels.shape[:2]
        corners = corners.clip(0, [width, height, width, height])
        return _distinct(corners, np.concatenate(scores))

    def _outputs(self, pixels: Pixels) -> tuple[list[Any], float, int, int]:
        """What the network gives for a picture; kept, as other labels of it are asked for next."""
        key = picture_key(pixels)
        kept = self._kept.get(key)
        if kept is None:
            shown, zoom, left, top = _letterbox(pixels)
            outputs = self._session.run(None, {"input_1": shown})
            kept = self._kept.keep(key, (outputs, zoom, left, top))
        return kept


def _letterbox(pixels: Pixels) -> tuple[Floats, float, int, int]:
    """The picture as the network wants it (1, 3, SIDE, SIDE), its zoom and its corner in that."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    zoom = SIDE / max(height, width)
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[top : top + size[1], left : left + size[0]] = cv2.resize(pixels, size)
    blue_green_red = square[..., ::-1] - np.array(BLUE_GREEN_RED_MEAN, np.float32)
    blue_green_red /= np.array(BLUE_GREEN_RED_SPREAD, np.float32)
    return np.ascontiguousarray(blue_green_red.transpose(2, 0, 1)[None]), zoom, left, top


def _expected(distributions: Any) -> Any:
    """The mean of each distribution over distances, in strides: (N, 4, BINS) -> (N, 4)."""
    import numpy as np

    weights = np.exp(distributions - distributions.max(axis=-1, keepdims=True))
    return (weights / weights.sum(axis=-1, keepdims=True)) @ np.arange(BINS)


def _share_right(score: float) -> float:
    return 1 / (1 + math.exp(-STEEPNESS * (score - MIDDLE)))


def _distinct(corners: Any, scores: Any) -> list[ScoredBox]:
    """Boxes best first, without those that lie on a better one."""
    import cv2

    upright = [(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in corners.tolist()]
    order = cv2.dnn.NMSBoxes(upright, [float(score) for score in scores], 0.0, OVERLAP)
    return [
        ScoredBox(Box(*corners[at].tolist()), round(_share_right(float(scores[at])), 4))
        for at in order
        if corners[at, 2] > corners[at, 0] and corners[at, 3] > corners[at, 1]
    ]
