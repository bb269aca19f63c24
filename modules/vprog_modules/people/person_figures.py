"""People in one picture: whole figures by HOG, heads and shoulders by a face.

Figures: N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection",
2005, with the two linear classifiers that OpenCV ships. The first scans the picture at many
scales; of its boxes that show one person the best stays (own suppression); the second,
trained on other data and for smaller people, judges each box that is left.

The score is a logistic function of both margins and of size. It was fitted to 264 boxes of
which 111 show people (street, garden; no people: leaves, test pictures, animation), then
lowered a little, since people are rarer elsewhere. On these, of the boxes with a score over
0.5 about 9 in 10 show people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vprog.types import Box
from vprog_modules.people.faces import Face, find_faces
from vprog_modules.tracking.box_overlap import ScoredBox, covered, suppress

if TYPE_CHECKING:
    from vprog_modules.frames.picture import Pixels

MAX_SIDE = 1280
"""Larger pictures bring nothing: figures under 80 pixels are looked for in enlarged ones."""

FINE_SIDE, COARSE_SIDE = 1152, 512
LARGEST_ENLARGEMENT = 2.5
FACE_SCORE = 0.5
LEAST_PART = 12  # pixels
LEAST_FACE_SIDE = 0.07
"""Of the picture's longer side: smaller faces belong to people seen whole."""


_SCALE = 1.07
_FINE_LEVELS = 12  # up to figures twice the least height; the coarse scan does larger ones
_LEAST_MARGIN = -0.1


def find_people(
    pixels: Pixels,
    *,
    long_side: float = 0.0,
    parts: Sequence[Box] | None = None,
    least: float = 0.05,
) -> list[ScoredBox]:
    """People in an RGB picture, best first, each once.

    Args:
        pixels: (H, W, 3).
        long_side: of the whole frame, in pixels of this picture, if this is cut from it.
        parts: look for whole figures only in these parts of it; everywhere if None.
        least: drop boxes scored lower.
    """
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    whole = Box(0.0, 0.0, float(width), float(height))
    long_side = max(long_side, float(height), float(width))
    found: list[ScoredBox] = []
    for part in [whole] if parts is None else parts:
        x0, y0 = max(0, math.floor(part.x0)), max(0, math.floor(part.y0))
        x1, y1 = min(width, math.ceil(part.x1)), min(height, math.ceil(part.y1))
        if x1 - x0 < LEAST_PART or y1 - y0 < 2 * LEAST_PART:
            continue
        for box, score in _figures(grey[y0:y1, x0:x1], long_side):
            found.append(ScoredBox(Box(box.x0 + x0, box.y0 + y0, box.x1 + x0, box.y1 + y0), score))
    if parts is not None:
        kept = suppress(
            [detection.box for detection in found], [finding.score for finding in found]
        )
        found = [found[at] for at in kept]
    faces = find_faces(pixels, least=FACE_SCORE, least_side=LEAST_FACE_SIDE)
    found = _with_bodies([hit for hit in found if hit.score >= least], faces, whole)
    return sorted(found, key=lambda each: (-each.score, each.box))


def _figures(grey: Any, long_side: float) -> list[ScoredBox]:
    """Whole figures in a grey picture that is, or is part of, one with that long side."""
    boxes, margins = _scan(grey, long_side)
    sizes = [_octaves(box, long_side) for box in boxes]
    ranks = [margin + 0.45 * size for margin, size in zip(margins, sizes, strict=True)]
    found = []
    for at in suppress(boxes, ranks):
        if ranks[at] < 0.0:
            continue
        second = _second_opinion(grey, boxes[at])
        drawn = max(0.0, _flatness(grey, boxes[at]) - 0.5)
        logit = -6.7 + 2.4 * margins[at] + 1.6 * sizes[at] + 2.3 * second - 10 * drawn
        found.append(ScoredBox(boxes[at], round(1 / (1 + math.exp(-logit)), 4)))
    return found


def _octaves(box: Box, long_side: float) -> float:
    """How much taller than a tenth of the picture: few windows are tried at large sizes."""
    return math.log2(max((box.y1 - box.y0) / long_side, 0.02) / 0.1)


def _scan(grey: Any, long_side: float) -> tuple[list[Box], list[float]]:
    """All windows with a margin over the least one, cut to the figure in them."""
    import cv2

    fine, coarse, _ = _classifiers()
    found: list[tuple[Box, float]] = []
    for classifier, side, stride in ((fine, FINE_SIDE, 8), (coarse, COARSE_SIDE, 4)):
        zoom = min(side / long_side, LARGEST_ENLARGEMENT)
        size = round(grey.shape[1] * zoom), round(grey.shape[0] * zoom)
        if size[0] < 56 or size[1] < 112:
            continue
        method = cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA
        picture = cv2.resize(grey, size, interpolation=method)
        for (x, y, width, height), margin in _windows(classifier, picture, stride):
            box = Box(
                float(x + 0.17 * width) / zoom,
                float(y + 0.10 * height) / zoom,
                float(x + 0.83 * width) / zoom,
                float(y + 0.90 * height) / zoom,
            )
            found.append((box, margin))
    found.sort()
    return [box for box, _ in found], [margin for _, margin in found]


def _windows(
    classifier: Any, picture: Any, stride: int
) -> list[tuple[tuple[int, int, int, int], float]]:
    """Windows (x, y, width, height) at all sizes, each with its margin.

    What `HOGDescriptor.detectMultiScale` does, level by level: that one's threads append windows
    and margins one after the other, so that under load some margins go to other windows.
    """
    import cv2

    height, width = picture.shape
    wide, high = classifier.winSize
    scales = [1.0]
    while len(scales) < classifier.nlevels:
        scale = scales[-1] * _SCALE
        if round(width / scale) < wide or round(height / scale) < high:
            break
        scales.append(scale)

    def at(scale: float) -> list[tuple[tuple[int, int, int, int], float]]:
        size = round(width / scale), round(height / scale)
        smaller = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR_EXACT)
        places, margins = classifier.detect(
            smaller, hitThreshold=_LEAST_MARGIN, winStride=(stride, stride), padding=(16, 16)
        )
        found = []
        for (x, y), margin in zip(places, map(float, margins), strict=True):
            x0, y0 = round(x * scale), round(y * scale)  # the padding lies outside
            x1, y1 = min(width, x0 + round(wide * scale)), min(height, y0 + round(high * scale))
            x0, y0 = max(0, x0), max(0, y0)
            found.append(((x0, y0, x1 - x0, y1 - y0), margin))
        return found

    with ThreadPoolExecutor(max(1, cv2.getNumThreads())) as pool:
        return [window for level in pool.map(at, scales) for window in level]


def _second_opinion(grey: Any, box: Box) -> float:
    """The median margin of the other classifier over three sizes, mirrored and not."""
    import cv2
    import numpy as np

    _, _, other = _classifiers()
    middle_x, middle_y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    margins = []
    for larger in (0.87, 1.0, 1.15):
        height = (box.y1 - box.y0) / 0.75 * larger * 1.3
        width = height * 0.62
        zoom = 96 * 1.3 / height
        place = np.array(
            [
                [zoom, 0, -zoom * (middle_x - width / 2)],
                [0, zoom, -zoom * (middle_y - height / 2)],
            ]
        )
        cut = cv2.warpAffine(
            grey, place, (int(width * zoom), int(height * zoom)), borderMode=cv2.BORDER_REPLICATE
        )
        for view in (cut, cv2.flip(cut, 1)):
            _, weights = other.detect(view, hitThreshold=-5, winStride=(4, 4))
            margins.append(max((float(item) for item in np.ravel(weights)), default=-5.0))
    return sorted(margins)[3]


def _flatness(grey: Any, box: Box) -> float:
    """The share of a box without any texture: up to 0.4 for people, 0.65 and more for digits."""
    import cv2
    import numpy as np

    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    part = grey[y0 : max(int(box.y1), y0 + 1), x0 : max(int(box.x1), x0 + 1)]
    if part.size == 0:
        return 1.0
    kernel = np.ones((3, 3), np.uint8)
    span = cv2.dilate(part, kernel) - cv2.erode(part, kernel)
    return float((span <= 3).mean())


def _with_bodies(figures: list[ScoredBox], faces: Sequence[Face], whole: Box) -> list[ScoredBox]:
    """Figures, and head and shoulders for the faces that belong to none.

    A faint figure within such head and shoulders is dropped: it is a part of them.
    """
    bodies = []
    for face, score in faces:
        side = face.x1 - face.x0
        if any(
            covered(face, figure.box) > 0.5
            and figure.score > 0.25
            and figure.box.y1 - figure.box.y0 > 3 * side
            for figure in figures
        ):
            continue
        body = Box(
            max(whole.x0, face.x0 - 0.8 * side),
            max(whole.y0, face.y0 - 0.4 * side),
            min(whole.x1, face.x1 + 0.8 * side),
            min(whole.y1, face.y1 + 2.5 * side),
        )
        bodies.append(ScoredBox(body, score))
    kept = [
        figure
        for figure in figures
        if figure.score > 0.8 or all(covered(figure.box, body.box) < 0.5 for body in bodies)
    ]
    return kept + bodies


@lru_cache(maxsize=1)
def _classifiers() -> tuple[Any, Any, Any]:
    """Fine scan, coarse scan, second opinion."""
    import cv2

    vision: Any = cv2  # its type stubs lack the ready-made classifiers
    made = []
    for size, levels, weights in (
        ((64, 128), _FINE_LEVELS, vision.HOGDescriptor_getDefaultPeopleDetector()),
        ((64, 128), 64, vision.HOGDescriptor_getDefaultPeopleDetector()),
        ((48, 96), 64, vision.HOGDescriptor_getDaimlerPeopleDetector()),
    ):
        classifier = vision.HOGDescriptor(
            size, (16, 16), (8, 8), (8, 8), 9, 1, -1, 0, 0.2, False, levels
        )
        classifier.setSVMDetector(weights)
        made.append(classifier)
    return made[0], made[1], made[2]
