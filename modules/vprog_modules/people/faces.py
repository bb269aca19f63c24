"""Faces, seen from the front, in one picture.

P. Viola and M. Jones, "Rapid object detection using a boosted cascade of simple features",
2001, with three cascades that OpenCV ships. One scans the picture; where it finds something,
the two others look again. What tells faces from accidents is how many neighbouring windows
each of the three accepts: the score is a logistic function of the weighted sum of their
logarithms, set so that the faces of the test clips (5.1 to 8) lie over its middle and what is
accepted in leaves, feathers and digits (up to 3.9, once 5.4) under it.
"""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vprog.types import Box
from vprog_modules.tracking.box_overlap import area, covered, iou

if TYPE_CHECKING:
    from vprog_modules.frames.picture import Pixels

SIDE = 640
LARGEST_ENLARGEMENT = 2.5
LEAST_FACE = 20
"""Pixels of the picture as scanned."""

CREDIBLE = 0.3

_CASCADES_IN_USE = threading.Lock()
"""OpenCV's cascades hold the picture that they scan: in two threads they fail, or mix pictures."""


class Face(NamedTuple):
    """A box, in pixels of the picture given, and a score in [0, 1]."""

    box: Box
    score: float


def find_faces(pixels: Pixels, *, least: float = 0.05, least_side: float = 0.0) -> list[Face]:
    """Faces in an RGB picture, best first, each once.

    Args:
        pixels: (H, W, 3).
        least: drop faces scored lower.
        least_side: the smallest face looked for, as a share of the longer side; larger
            is much faster.
    """
    import cv2

    side = min(SIDE, 1.2 * LEAST_FACE / least_side) if least_side else SIDE
    zoom = min(side / max(pixels.shape[:2]), LARGEST_ENLARGEMENT)
    size = max(1, round(pixels.shape[1] * zoom)), max(1, round(pixels.shape[0] * zoom))
    if min(size) < LEAST_FACE:
        return []
    method = cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA
    grey = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), size, interpolation=method)
    smallest = max(LEAST_FACE, int(least_side * max(size)))
    scanner, *judges = _cascades()
    found = []
    with _CASCADES_IN_USE:
        groups = _groups(_windows(scanner, grey, smallest))
        boxes = [_mean(group) for group in groups]
        agreeing = [[_agreeing(judge, grey, box) for judge in judges] for box in boxes]
    for group, box, agreed in zip(groups, boxes, agreeing, strict=True):
        counts = [len(group), *agreed]
        weights = (1.0, 1.0, 0.5)
        evidence = sum(w * math.log(1 + n) for w, n in zip(weights, counts, strict=True))
        score = round(1 / (1 + math.exp(-2.2 * (evidence - 4.6))), 4)
        if score >= least:
            found.append(Face(Box(*(round(edge / zoom, 2) for edge in box)), score))
    return _each_once(found)


def _each_once(faces: list[Face]) -> list[Face]:
    """Of faces within one another the largest credible one, best first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda each: (each.score < CREDIBLE, -area(each.box), each.box)):
        if all(covered(face.box, other.box) <= 0.5 for other in kept):
            kept.append(face)
    return sorted(kept, key=lambda each: (-each.score, each.box))


def _windows(cascade: Any, grey: Any, smallest: int) -> list[Box]:
    """Every window that a cascade accepts, without grouping."""
    found = cascade.detectMultiScale(
        grey, scaleFactor=1.06, minNeighbors=0, minSize=(smallest, smallest)
    )
    windows = [Box(float(x), float(y), float(x + w), float(y + h)) for x, y, w, h in found]
    return sorted(windows)  # threads find them in any order


def _groups(windows: list[Box]) -> list[list[Box]]:
    """Windows that overlap one with many neighbours, the largest groups first."""
    near = [[b for b, other in enumerate(windows) if iou(a, other) > 0.35] for a in windows]
    taken: set[int] = set()
    groups = []
    for at in sorted(range(len(windows)), key=lambda each: (-len(near[each]), each)):
        if at in taken:
            continue
        members = [neighbour for neighbour in near[at] if neighbour not in taken]
        taken.update(members)
        groups.append([windows[member] for member in members])
    return groups


def _mean(group: list[Box]) -> Box:
    return Box(*(sum(side) / len(group) for side in zip(*group, strict=True)))


def _agreeing(cascade: Any, grey: Any, box: Box) -> int:
    """How many windows near a box another cascade accepts."""
    side = box.x1 - box.x0
    x0, y0 = max(0, int(box.x0 - 0.4 * side)), max(0, int(box.y0 - 0.4 * side))
    part = grey[y0 : int(box.y1 + 0.4 * side), x0 : int(box.x1 + 0.4 * side)]
    if min(part.shape) < LEAST_FACE:
        return 0
    found = cascade.detectMultiScale(
        part,
        scaleFactor=1.06,
        minNeighbors=0,
        minSize=(int(0.6 * side), int(0.6 * side)),
    )
    return sum(
        iou(box, Box(float(x + x0), float(y + y0), float(x + x0 + w), float(y + y0 + h))) > 0.35
        for x, y, w, h in found
    )


@lru_cache(maxsize=1)
def _cascades() -> tuple[Any, Any, Any]:
    import cv2

    vision: Any = cv2  # its type stubs lack `data`
    folder = vision.data.haarcascades
    scanner, first, second = (
        cv2.CascadeClassifier(f"{folder}haarcascade_frontalface_{name}.xml")
        for name in ("alt2", "alt", "default")
    )
    return scanner, first, second
