"""Things of one kind followed through time: a detector says what is one, motion keeps them.

A slow detector looks at all of a picture every second or so and whenever the camera moves, else
only where something stands before the background or a known thing should be; a fast one looks at
all of every picture. A clear sighting begins a trail; a faint one can only continue one. A thing
that the detector misses is carried on by what stands before the background at the predicted
place. In the end only trails with enough clear sightings are things of that kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vprog.registry.call_context import CallContext
from vprog.types import Box, Detection, Frame, Video
from vprog_modules.colour.colour_names import NAMES, codes_of
from vprog_modules.frames.picture import PixelArea, whole_picture
from vprog_modules.motion.background_model import Front, fronts
from vprog_modules.motion.components import components_of
from vprog_modules.tracking.association import MAX_GAP_S, Tracker, Trail
from vprog_modules.tracking.box_overlap import ScoredBox, area, common, covered, iou

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vprog_modules.frames.picture import Pixels
    from vprog_modules.tracking.association import Look

    Mask = NDArray[np.bool_]

BEGINS, CONTINUES = 0.3, 0.06
CARRIED = 0.2
"""The score of a box that only motion speaks for."""

LEAST_FIGURES = 4
LEAST_EVIDENCE = 2.0
LEAST_BEST = 0.5
"""A person has shown that often, with that sum of scores and that best score. Where only a
few frames are looked at, half of them suffice."""

_STRIPS = ((0.0, 0.2), (0.2, 0.55), (0.55, 1.0))
"""Of a person, from the top: head, trunk and legs; their colours are what it looks like."""

STAYS_SECONDS, STAYS_AREA, STAYS_LIKENESS = 3.0, 0.1, 0.9


Detector = Callable[["Pixels", Sequence[Box] | None], Sequence[ScoredBox]]
"""Looks for things in a picture (H, W, 3), in these parts of it or everywhere."""


class MotionTracker:
    """Takes frames in order; `trails()` gives the things.

    Args:
        label: of the detections.
        find: the detector: sightings in a picture, or only in parts of it.
        step: seconds between two frames.
        full_seconds: how often it looks at all of the picture; 0 for always.
    """

    def __init__(
        self, label: str, find: Detector, *, step: float, full_seconds: float = 0.0
    ) -> None:
        self.label = label
        self._find = find
        self._full_seconds = full_seconds
        self.tracker = Tracker(max_gap=max(MAX_GAP_S, 1.5 * step), reach=0.35, restlessness=0.5)
        self._last_full = -math.inf
        self._n_frames = 0

    def step(self, front: Front, picture: PixelArea, frame: Frame) -> None:
        """Look at the next frame.

        Args:
            front: the picture and what stands before the background, if that is known.
            picture: the same pixels, with the way back to the whole frame.
            frame: its name.
        """
        self._n_frames += 1
        seen = self._figures(front, picture)
        known = [track for track in self.tracker.live if track.last.frame.time < front.time - 1e-6]
        strong = [sighting for sighting in seen if sighting.score >= BEGINS]
        faint = [
            detection
            for detection in seen
            if detection.score < BEGINS
            and _is_expected(picture.box(*detection.box), known, front.time)
        ]
        self._feed(strong + faint, picture, frame)
        self._carry(front, picture, frame)

    def trails(self) -> list[Trail]:
        """Those that are things of the kind, each once."""
        least = min(LEAST_FIGURES, self._n_frames // 2 + 1)
        people = [track for track in self.tracker.finish() if _is_clear(track, least)]
        people = [_without_borrowed(person, people) for person in people]
        people.sort(key=lambda person: -len(_clear(person)))
        kept: list[Trail] = []
        for person in people:
            if not any(_same_person(person, other) for other in kept):
                kept.append(person)
        return kept

    def _figures(self, front: Front, picture: PixelArea) -> list[ScoredBox]:
        pixels = picture.pixels
        width = pixels.shape[1]
        due = front.time - self._last_full >= self._full_seconds - 1e-6
        if front.mask is None or front.contrast is None or due:
            self._last_full = front.time
            found = self._find(pixels, None)
        else:
            found = self._find(pixels, self._parts(front, picture))
        return [
            ScoredBox(detection.box, _with_motion(detection, front, width)) for detection in found
        ]

    def _parts(self, front: Front, picture: PixelArea) -> list[Box]:
        """Where to look: around what stands in front and where people should be."""
        assert front.mask is not None
        assert front.contrast is not None
        zoom = picture.pixels.shape[1] / front.mask.shape[1]
        places = [
            Box(*(side * zoom for side in component.box))
            for component in components_of(front.mask, front.contrast)
        ]
        for trail in self.tracker.live:
            if len(trail.detections) >= 2:
                places.append(_back(trail.predict(front.time), picture))
        wide = []
        for box in places:
            x, y = max(16.0, 0.5 * (box.x1 - box.x0)), max(16.0, 0.35 * (box.y1 - box.y0))
            wide.append(Box(box.x0 - x, box.y0 - y, box.x1 + x, box.y1 + y))
        return _united(wide)

    def _feed(self, seen: Sequence[ScoredBox], picture: PixelArea, frame: Frame) -> None:
        detections = [
            Detection(self.label, picture.box(*detection.box), round(detection.score, 4), frame)
            for detection in seen
        ]
        looks = [_look_of(picture.pixels, sighting.box) for sighting in seen]
        self.tracker.step(frame.time, detections, looks)

    def _carry(self, front: Front, picture: PixelArea, frame: Frame) -> None:
        """Go on with people the classifier missed."""
        here = [t.last.box for t in self.tracker.live if t.last.frame.time >= front.time - 1e-6]
        for trail in self.tracker.live:
            if trail.last.frame.time >= front.time - 1e-6 or not _is_clear(trail, LEAST_FIGURES):
                continue
            expected = trail.predict(front.time)
            if any(covered(expected, other) > 0.5 for other in here):
                continue  # hidden behind, or in front of, someone else
            box = _pulled(expected, front.mask, picture) if front.mask is not None else None
            if box is None and _stays(trail, picture, front.time):
                box = trail.last.box
            if box is not None:
                trail.add(Detection(self.label, box, CARRIED, frame), None)
                here.append(box)


def motion_trails(
    media: CallContext,
    video: Video,
    times: Sequence[float],
    tracker: MotionTracker,
    *,
    max_side: int,
) -> list[Trail]:
    """What a tracker finds in these pictures of a video, no larger than `max_side`."""
    shown = media.video(video.index)
    for front, _ in fronts(media, video.index, times, max_side=max_side):
        picture = whole_picture(front.pixels, shown)
        tracker.step(front, picture, Frame(video.index, front.time))
    return tracker.trails()


def _stays(trail: Trail, picture: PixelArea, time: float) -> bool:
    """Whether someone close to the camera has not gone: the same colours at the same place."""
    seen = _clear(trail)[-1].frame.time
    box = _back(trail.last.box, picture)
    height, width = picture.pixels.shape[:2]
    return (
        time - seen <= STAYS_SECONDS
        and area(box) >= STAYS_AREA * height * width
        and trail.look is not None
        and float(trail.look @ _look_of(picture.pixels, box)) > STAYS_LIKENESS
    )


def _with_motion(figure: ScoredBox, front: Front, width: int) -> float:
    """The score, raised where the figure stands before the background, else lowered."""
    if front.mask is None:
        return figure.score
    share = _share(figure.box, front.mask, width)
    logit = math.log(max(figure.score, 1e-4) / max(1 - figure.score, 1e-4))
    logit += 1.5 if share > 0.25 else (0.5 if share > 0.1 else -1.5)
    return 1 / (1 + math.exp(-logit))


def _share(box: Box, mask: Mask, width: int) -> float:
    """The share of a box (in a picture of that width) that stands before the background."""
    zoom = mask.shape[1] / width
    part = mask[
        max(0, int(box.y0 * zoom)) : max(0, math.ceil(box.y1 * zoom)),
        max(0, int(box.x0 * zoom)) : max(0, math.ceil(box.x1 * zoom)),
    ]
    return float(part.mean()) if part.size else 0.0


def _pulled(expected: Box, mask: Mask, picture: PixelArea) -> Box | None:
    """The expected box (of the whole frame), moved onto what stands in front there."""
    import numpy as np

    zoom = picture.pixels.shape[1] / mask.shape[1]
    box = _back(expected, picture)
    x0, y0, x1, y1 = (side / zoom for side in box)
    for _ in range(3):
        left, top = max(0, int(x0)), max(0, int(y0))
        part = mask[top : max(0, math.ceil(y1)), left : max(0, math.ceil(x1))]
        if part.size < 12 or float(part.mean()) < 0.2:
            return None
        ys, xs = np.nonzero(part)
        dx = float(xs.mean()) + left + 0.5 - (x0 + x1) / 2
        dy = 0.5 * (float(ys.mean()) + top + 0.5 - (y0 + y1) / 2)
        x0, x1, y0, y1 = x0 + dx, x1 + dx, y0 + dy, y1 + dy
    inside = min(x1, mask.shape[1]) - max(x0, 0), min(y1, mask.shape[0]) - max(y0, 0)
    if inside[0] < 0.4 * (x1 - x0) or inside[1] < 0.4 * (y1 - y0):
        return None  # has left the picture
    return picture.box(x0 * zoom, y0 * zoom, x1 * zoom, y1 * zoom)


def _back(box: Box, picture: PixelArea) -> Box:
    """A box of the whole frame, in pixels of the picture."""
    return Box(
        (box.x0 - picture.left) / picture.scale_x,
        (box.y0 - picture.top) / picture.scale_y,
        (box.x1 - picture.left) / picture.scale_x,
        (box.y1 - picture.top) / picture.scale_y,
    )


def _united(boxes: list[Box]) -> list[Box]:
    """Boxes joined until none overlaps another."""
    joined: list[Box] = []
    for box in boxes:
        while True:
            other = next((item for item in joined if common(item, box) > 0), None)
            if other is None:
                break
            joined.remove(other)
            box = Box(
                min(box.x0, other.x0),
                min(box.y0, other.y0),
                max(box.x1, other.x1),
                max(box.y1, other.y1),
            )
        joined.append(box)
    return joined


def _is_expected(box: Box, trails: Sequence[Trail], time: float) -> bool:
    return any(iou(box, trail.predict(time)) > 0.3 for trail in trails)


def _clear(trail: Trail) -> list[Detection]:
    return [detection for detection in trail.detections if detection.score > CARRIED]


def _is_clear(trail: Trail, least: int) -> bool:
    """Whether a trail has shown often enough that it is a person."""
    scores = sorted((item.score for item in _clear(trail)), reverse=True)
    return (
        len(scores) >= least
        and scores[0] >= LEAST_BEST
        and sum(scores) >= LEAST_EVIDENCE * least / LEAST_FIGURES
    )


def _without_borrowed(trail: Trail, people: Sequence[Trail]) -> Trail:
    """A trail without the boxes in which motion alone spoke, and that of someone else."""
    others: dict[float, list[Box]] = {}
    for other in people:
        if other is not trail:
            for item in _clear(other):
                others.setdefault(item.frame.time, []).append(item.box)
    return Trail(
        [
            detection
            for detection in trail.detections
            if detection.score > CARRIED
            or all(
                covered(detection.box, box) < 0.6 for box in others.get(detection.frame.time, [])
            )
        ]
    )


def _same_person(a: Trail, b: Trail) -> bool:
    """Whether the shorter trail `a` mostly lies on `b`."""
    boxes = {detection.frame.time: detection.box for detection in b.detections}
    both = [
        (detection.box, boxes[detection.frame.time])
        for detection in a.detections
        if detection.frame.time in boxes
    ]
    if not both:
        return False
    on = sum(covered(one, other) > 0.7 and area(one) > 0 for one, other in both)
    return on > 0.6 * len(a.detections)


def _look_of(pixels: Pixels, box: Box) -> Look:
    """What a person looks like: a vector of length 1; the product of two is their likeness.

    Args:
        pixels: the whole picture, (H, W, 3).
        box: in pixels of it.
    """
    import numpy as np

    height, width = pixels.shape[:2]
    inset = 0.2 * (box.x1 - box.x0)
    x0 = min(max(int(box.x0 + inset), 0), width - 1)
    x1 = max(min(int(box.x1 - inset), width), x0 + 1)
    parts = []
    for top, bottom in _STRIPS:
        y0 = min(max(int(box.y0 + top * (box.y1 - box.y0)), 0), height - 1)
        y1 = max(min(int(box.y0 + bottom * (box.y1 - box.y0)), height), y0 + 1)
        part = pixels[y0:y1, x0:x1]
        counts = np.bincount(codes_of(part).ravel(), minlength=len(NAMES)).astype(np.float32)
        light = np.bincount((part.mean(axis=2) / 43).astype(int).ravel(), minlength=6)[:6]
        parts += [counts / counts.sum(), light.astype(np.float32) / counts.sum()]
    joined = np.sqrt(np.concatenate(parts))
    return np.asarray(joined / np.linalg.norm(joined), np.float32)
